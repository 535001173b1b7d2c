# SPDX-License-Identifier: MIT
#
# Building what a scenario needs
#
# BUILD=no says that everything was built before (as the test runner does).
# One build at a time in a build folder: the lock is held by make itself, and
# make ends if the run tool is killed.

namespace eval build {

	variable lines {}      ;# last output

	# Settings that the user gave to the outer make, as CROSS=...
	proc inherited {} {
		if {![info exists ::env(MAKEFLAGS)]} { return {} }
		set words [split $::env(MAKEFLAGS)]
		return [lsearch -all -inline -regexp $words {^[A-Z_]+=}]
	}

	proc command names {
		set folder [setting BUILD_DIR]
		file mkdir $folder
		return [list env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
			setpriv --pdeathsig TERM flock --no-fork $folder/.lock \
			make -C $::root -s -j2 --no-print-directory {*}[inherited] \
			KERNEL=[kernel] hid-check {*}[boot_dir::system] {*}$names]
	}

	proc show channel {
		variable lines
		while {[gets $channel line] >= 0} {
			set line [text::harmless $line]
			lappend lines $line
			if {[setting QUIET] eq ""} { catch { puts $line } }
		}
	}

	proc reason names {
		variable lines
		set text [join $lines \n]
		if {[regexp {No rule to make target ['`]([^']*)'} $text _ goal]
		    && $goal in [concat $names [boot_dir::system]]} {
			return "build: there is no component '$goal'"
		}
		foreach pattern {{error: } {undefined reference} { \*\*\* }} {
			set line [lsearch -inline -regexp $lines $pattern]
			if {$line ne ""} { return "build: $line" }
		}
		return "build: make failed for {$names}"
	}
}

proc build names {
	if {[setting BUILD] eq "no"} return
	set build::lines {}
	set make [open |[concat [build::command $names] </dev/null 2>@1] r]
	build::show $make
	if {[catch { close $make }]} { fail [build::reason $names] $build::lines }
}
