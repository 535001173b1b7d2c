# SPDX-License-Identifier: MIT
#
# Trials: crash_monitor is the parent of components that misbehave, one after the
# other.  Beside it run what they attack, the standard servers, and what must not
# notice: "witness", which uses core and a neighbour, and "patron", which uses the
# servers.

namespace eval trial {

	variable programs {
		init crash_monitor culprit witness bench_server patron timer
		report_rom dynamic_rom rom_filter black_hole hello_server uart
	}

	# Top-level and start nodes. The witness is above the servers, which work for
	# whoever attacks them: on base-hw, that is another band (doc/kernel/time.md)
	variable nodes {
		config
		+ parent-provides
		  + service LOG | + service ROM | + service PD | + service CPU
		  + service RM | + service IO_MEM | + service IO_PORT | + service IRQ
		  + service TRACE | + service System | + service Entropy
		+ default | ram: 2M | caps: 100
		+ default-route | + any-service | + parent | + any-child

		+ start bench_server | priority: 100
		  + provides | + service Bench
		  + config | all: yes
		+ start witness | priority: 100
		  + provides | + service Witness
		  + route | + service Bench | + child bench_server
		          | + any-service   | + parent

		+ start timer | priority: 100
		  + provides | + service Timer
		+ start dynamic_rom
		  + provides | + service ROM
		  + config
		    + rom settings
		      + at | + settings | mode: early
		+ start rom_filter
		  + provides | + service ROM
		  + route
		    + service ROM | label: settings | + child dynamic_rom
		    + service ROM | label: reported | + child report_rom
		    + any-service | + parent
		  + config
		    + input mode | rom: settings | attribute: mode
		    + input said | rom: reported | path: report/a | attribute: b
		    + output look
		      + attribute mode | input: mode
		      + attribute said | input: said
		+ start report_rom
		  + provides | + service ROM | + service Report
		  + config
		    + policy | label_suffix: pulse | report: patron -> pulse
		    + policy | label_suffix: reported | report: crash_monitor -> MINE
		    + policy | label_suffix: copied | report: rom_reporter -> copy
		    + policy | label: power | report: operator -> power
		+ start black_hole
		  + provides | + service LOG | + service Report | + service Terminal
		  + config
		    + service LOG
		    + service Report
		    + service Terminal
		+ start hello_server
		  + provides | + service Hello
		+ start uart
		  + provides | + service Terminal
		  + route
		    + service IO_PORT | + parent | + io_port | base: 0x2f8 | size: 8
		    + service IRQ     | + parent | + irq | gsi: 3 | trigger: edge
		    + any-service     | + parent
		  + config | base: 0x2f8 | irq: 3

		+ start patron | priority: 72
		  + provides | + service Witness
		  + route
		    + service LOG | label: hole | + child black_hole
		    + service ROM | label: pulse | + child report_rom
		    + service ROM | label: settings | + child dynamic_rom
		    + service ROM | label: look | + child rom_filter
		    + service Report | + child report_rom
		    + service Terminal | label: line | + child uart
		    + any-service | + parent | + any-child
		  + config | line: yes
	}

	# What those on trial ask for, as it comes from the monitor
	variable routes {
		+ service ROM | label: config | + parent | label: monitor
		+ service Witness | label: patron | + child patron
		+ service Witness | + child witness
		+ service LOG    | label_suffix: -> hole | + child black_hole
		+ service Report | label_suffix: -> hole | + child black_hole
		+ service Terminal | label_suffix: -> line | + child uart
		+ service Report | + child report_rom
		+ service ROM | label_suffix: -> pulse | + child report_rom
		+ service ROM | label_suffix: -> reported | + child report_rom
		+ service ROM | label_suffix: -> copied | + child report_rom
		+ service ROM | label_suffix: -> settings | + child dynamic_rom
		+ service ROM | label_suffix: -> look | + child rom_filter
		+ service IO_PORT | + parent | + io_port
		+ service IO_MEM  | + parent | + io_mem
		+ service IRQ     | + parent | + irq
		+ any-service | + parent | + any-child
	}

	proc indent {text columns} {
		regsub -all -line {^(?=.)} [text::block $text] \
			[string repeat { } $columns] text
		return $text
	}

	# In virtual time, no beat of 5 and 20 ms may be missed
	proc judge_pace {} {
		foreach {name period} {witness 5000 patron 20000} {
			set us [value_of "crash_monitor\\\] $name: .* at most (\\d+) us"]
			puts "$name: at most $us us between two beats"
			assert {![icount] || $us < 2 * $period} "$name missed a beat"
		}
	}
}

# trial programs steps seconds ?-option value...?: build, boot, and judge what is
# the same for all.  'steps' are nodes of the monitor's configuration; the first
# -warm_up ones are done before it counts.  -report is the label, below the
# monitor's, of the report that ROM "reported" shows; -files are of the host, further
# boot modules.
proc trial {programs steps seconds args} {
	set options [dict merge {-warm_up 3 -report mine -ram 64M -caps 9000 -nodes ""
	                         -routes "" -files ""} $args]
	set programs [concat $trial::programs $programs]
	append ::qemu_args " -serial null"         ;# the line of 'uart'

	build $programs
	create_boot_directory
	install_hid monitor "config | warm_up: [dict get $options -warm_up] |\
		refills: 40\n    + witness patron\n$steps\n-\n"
	install_config [join [list \
		[string map [list MINE [dict get $options -report]] \
			[text::block $trial::nodes]] \
		[text::block [dict get $options -nodes]] \
		"+ start crash_monitor | ram: [dict get $options -ram] |\
			caps: [dict get $options -caps]" \
		"  + route" \
		[trial::indent [dict get $options -routes] 4] \
		[trial::indent $trial::routes 4] "-" ""] \n]
	build_boot_image [concat $programs monitor [dict get $options -files]]

	run_until {--- crash monitor finished ---} $seconds
	assert_no_line {(crash_monitor|patron|witness)\] error}
	assert_line {crash_monitor\] \d+ steps, 0 failed}
	trial::judge_pace
}
