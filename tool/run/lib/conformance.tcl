# SPDX-License-Identifier: MIT
#
# Conformance tests: one component, test-<name>, that is started by init and
# judges itself. It lives three times, and core must have as much free RAM at
# the start of its third life as at the start of the second. In real time
# high-water marks (doc/caveats.md) depend on who is faster: there it may take
# up to six lives until one leaves no less than it found.

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

	proc free_ram {} {
		return [lmap {_ n} [regexp -all -inline \
			{core has (\d+) bytes free} $::output] { set n }]
	}
}

# conformance name ?-option value...?: -start has more start nodes, -route the
# test's own routes, -config the attributes and -nodes the nodes of its config
proc conformance {name args} {
	set options [conformance::options $args]
	set programs [list init test-$name {*}[dict get $options programs]]

	set libraries [dict get $options libraries]

	build [concat $programs $libraries]
	create_boot_directory
	install_config [conformance::configuration $name $options]
	build_boot_image [concat $programs \
		[lmap library $libraries { set library $library.lib.so }]]

	conformance::life $name $options
	conformance::life $name $options
	set most [expr {[icount] ? 3 : 6}]
	for {set lives 3} {$lives <= $most} {incr lives} {
		conformance::life $name $options
		lassign [lrange [conformance::free_ram] end-1 end] before now
		if {$before == $now} return
	}
	assert {0} "core's free RAM went from $before to $now"
}
