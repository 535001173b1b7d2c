# SPDX-License-Identifier: MIT
#
# Main program of the run tool
#
# A scenario is a Tcl script that uses the procedures of lib/.  Four modules
# are chosen by the settings: image (what is made of the boot modules), load
# (how the machine gets it), power (the machine), log (its serial line).
# The supervisor owns the temporary folder and outlives this process.

set tool [file dirname [file normalize [info script]]]
set root [file dirname [file dirname $tool]]

foreach part {settings verdict supervisor text build archive boot_dir
              machine console output conformance trial
              interact gdb} {
	source $tool/lib/$part.tcl
}

proc load_modules {} {
	foreach kind {image load power log} {
		set name [setting $kind]
		set file $::tool/$kind/$name.tcl
		if {![file exists $file]} {
			throw {RUN USAGE} "there is no $kind module '$name'"
		}
		uplevel #0 [list source $file]
	}
}

# Where a scenario is: a path, or a name in run/ of some collection of sources
proc scenario_file name {
	if {[string match *.run $name]} {
		set candidates [list $name]
	} else {
		set candidates [concat $::root/run/$name.run \
			$::root/base/run/$name.run \
			[lsort [glob -nocomplain $::root/repos/*/run/$name.run]]]
	}
	foreach file $candidates {
		if {[file exists $file]} { return [file normalize $file] }
	}
	throw {RUN USAGE} "there is no such scenario"
}

# An error of Tcl itself inside a scenario is told with file and line
proc script_error {options message} {
	set info [dict get $options -errorinfo]
	if {[regexp {\(file "([^"]*)" line (\d+)\)} $info _ file line]} {
		return "[relative $file]:$line: [lindex [split $message \n] 0]"
	}
	puts stderr $info
	return "internal error: [lindex [split $message \n] 0]"
}

proc execute arguments {
	settings::take $arguments
	set ::scenario [scenario_file $settings::scenario]
	settings::check
	load_modules
	supervisor::start
	uplevel #0 { source $::scenario }
	verdict::require_one
}

proc main arguments {
	chan configure stdout -encoding utf-8 -buffering line
	chan configure stderr -encoding utf-8
	try {
		execute $arguments
		set status [verdict::passed]
	} trap {RUN PASS} {} {
		set status [verdict::passed]
	} trap {RUN SKIP} reason {
		set status [verdict::skipped $reason]
	} trap {RUN FAIL} {reason options} {
		set status [verdict::failed $reason [lindex \
			[dict get $options -errorcode] 2]]
	} trap {RUN USAGE} reason {
		set status [verdict::failed $reason]
	} on error {message options} {
		set status [verdict::failed [script_error $options $message]]
	}
	catch { machine::stop }
	supervisor::finish
	exit $status
}

main $argv
