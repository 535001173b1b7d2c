# SPDX-License-Identifier: MIT
#
# Conformance tests: one component, test-<name>, that is started by init and
# judges itself. It lives three times, and what is used of RAM, names and objects
# in the whole system must be the same at the start of its third life as at the
# start of the second; later ones are compared if other components end meanwhile.

namespace eval conformance {

	variable defaults {
		programs {}
		libraries {}
		ram      16M
		caps     400
		priority 64
		start    ""
		route    ""
		config   ""
		nodes    ""
		others   {}
		seconds  60
	}

	# Nodes two levels below the start node
	proc below text {
		regsub -all -line {^(?=.)} [text::block $text] {    } text
		return $text
	}

	proc options arguments {
		variable defaults
		set options $defaults
		foreach {key value} $arguments {
			set key [string range $key 1 end]
			if {![dict exists $defaults $key]} {
				error "conformance: unknown option -$key"
			}
			dict set options $key $value
		}
		return $options
	}

	proc configuration {name options} {
		dict with options {}
		set text [text::block {
			config
			+ parent-provides | + service LOG | + service ROM
			                  | + service PD  | + service CPU | + service RM
			+ default         | ram: 1M | caps: 60
			+ default-route   | + any-service | + parent | + any-child
		}]
		append text [text::block $start] \n
		append text "+ start test-$name | ram: $ram | caps: $caps" \
			" | priority: $priority\n"
		append text "  + exit | restart: yes\n"
		if {$route ne ""}  { append text "  + route\n" [below $route] }
		if {$config ne ""} { append text "  + config | $config\n" }
		append text [below $nodes]
		append text "-\n"
		return $text
	}

	# One life, as far as its last line
	proc life {name options} {
		set label "^\\\[init -> test-$name\\\]"
		set stopped "^\\\[init\\\] error: test-$name: "
		run_until "$label --- test (finished|failed) ---|$stopped" \
			[dict get $options seconds]
		assert_no_line "$label --- test failed|$stopped"
	}

	# What was in use when lives began that init started after the other
	# components had done all they do: not the first one behind their lines. The
	# machine may be in a further life already, and its line incomplete.
	proc used {name lives others} {
		set from -1
		foreach pattern $others {
			if {![regexp -line -indices -- $pattern $::output at]} {
				return {}
			}
			set from [expr {max($from, [lindex $at 1])}]
		}
		set line "^\\\[init -> test-$name\\\] in use: (.*)$"
		set found {}
		foreach {all text} [lrange [regexp -all -inline -indices -line \
				$line $::output] 0 [expr {2 * $lives - 1}]] {
			if {[lindex $all 0] > $from} {
				lappend found [string trim \
					[string range $::output {*}$text]]
			}
		}
		return [lrange $found 1 end]
	}
}

# conformance name ?-option value...?: -start has more start nodes, -route the
# test's own routes, -config the attributes and -nodes the nodes of its config;
# -others has patterns of the lines that tell the end of what else is started
proc conformance {name args} {
	set options [conformance::options $args]
	set programs [list init test-$name {*}[dict get $options programs]]

	set libraries [dict get $options libraries]

	build [concat $programs $libraries]
	create_boot_directory
	install_config [conformance::configuration $name $options]
	build_boot_image [concat $programs \
		[lmap library $libraries { set library $library.lib.so }]]

	set others [dict get $options others]
	for {set life 0} {[llength [conformance::used $name $life $others]] < 2} \
			{incr life} {
		assert {$life < 30} "the others do not end"
		conformance::life $name $options
	}
	lassign [conformance::used $name $life $others] before now
	assert {$before ne "" && $before eq $now} \
		"in use: $before, after one more life $now"
}
