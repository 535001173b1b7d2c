# SPDX-License-Identifier: MIT
#
# The running machine: its process, its serial output, and waiting for it
#
# "output" is all that came, with escape sequences removed.  Waiting runs the
# event loop until something happened that may decide.  It looks at "fresh" only,
# what came behind the last match: output may be megabytes.

set output ""

namespace eval machine {

	variable started 0
	variable ended   ""      ;# reason why the machine is no more
	variable fresh   ""      ;# begins with the character before it, if any
	variable start   0       ;# of what may match in it, 0 or 1
	variable log     ""      ;# channel of the serial line
	variable event   ""
	variable watchdog ""
	variable pids            ;# by channel
	array set pids {}

	# Start a program that works in the temporary folder and dies with us.
	# Its output is the channel, its errors go to a file.
	proc spawn {program args} {
		variable pids
		set command [list setsid setpriv --pdeathsig KILL \
			env -C $supervisor::folder $program {*}$args]
		set channel [open |[concat [lmap word $command { literal $word }] \
			[list 2>[temporary errors]]] r+]
		set pids($channel) [pid $channel]
		chan configure $channel -blocking 0 -buffering none -translation lf \
			-encoding utf-8
		return $channel
	}

	# Tcl's "open" would take these first characters for redirections
	proc literal word {
		if {[regexp {^(\||<|>|2>)|^&$} $word]} {
			fail "emulator: no argument can start with '$word'"
		}
		return $word
	}

	proc kill channel {
		variable pids
		if {![info exists pids($channel)]} return
		catch { exec kill -KILL {*}$pids($channel) 2>/dev/null }
		status $channel
	}

	# Wait for the end of a process: its exit status or signal name
	proc status channel {
		variable pids
		unset -nocomplain pids($channel)
		chan configure $channel -blocking 1
		try {
			close $channel
		} trap CHILDSTATUS {_ options} {
			return [lindex [dict get $options -errorcode] 2]
		} trap CHILDKILLED {_ options} {
			return [lindex [dict get $options -errorcode] 2]
		} on error {message} {
			return $message
		}
		return 0
	}

	# What the emulator said on its standard error
	proc errors {} {
		if {![file exists [temporary errors]]} { return {} }
		set lines [split [text::read [temporary errors]] \n]
		return [lsearch -all -inline -not -regexp $lines {^\s*$}]
	}

	proc start {} {
		variable started
		variable watchdog
		variable log
		if {$started} return
		if {![llength $boot_dir::modules]} { fail "there is no boot image" }
		set started 1
		set seconds [setting WATCHDOG]
		set watchdog [after [expr {$seconds * 1000}] [list \
			machine::happens "watchdog: no verdict within $seconds s"]]
		supervisor::tell \
			[list watchdog [expr {$seconds + 10}] $settings::scenario]
		set log [power::on]
		chan event $log readable machine::receive
	}

	# A person is at work
	proc calm {} {
		variable watchdog
		after cancel $watchdog
		supervisor::tell calm
	}

	proc stop {} {
		variable log
		catch { chan event $log readable {} }
		catch { power::off }
	}

	proc happens what {
		variable event
		set event $what
	}

	proc receive {} {
		variable log
		set data [read $log]
		if {$data ne ""} { console::take $data; happens output }
		if {[eof $log]} { over }
	}

	# The emulator ended by itself
	proc over {} {
		variable ended
		variable log
		if {$ended ne ""} return
		chan event $log readable {}
		console::flush_rest
		set ended [power::reason]
		happens end
	}

	proc log_lines {} {
		set lines [split [string trimright $::output] \n]
		if {[info exists supervisor::folder] && $supervisor::folder ne ""} {
			lappend lines {*}[lmap line [errors] {
				text::harmless "emulator: $line" }]
		}
		return $lines
	}

	proc keep text {
		variable fresh
		append ::output $text
		append fresh $text
	}

	# Forget what ends at this character of "fresh"
	proc forget last {
		variable fresh
		variable start
		if {$last < $start} return
		set fresh [string range $fresh $last end]
		set start 1
	}

	# What "fresh" has is no match.  A pattern that stays within a line is
	# looked for in the unfinished line only when more has come.
	proc forget_lines pattern {
		variable fresh
		if {![regexp {\\[nsWDr]|\n|^\(\?|\\[xuU]} $pattern]} {
			forget [string last \n $fresh]
		}
	}

	proc search pattern {
		variable fresh
		variable start
		if {[regexp -line -indices -start $start -- $pattern $fresh at]} {
			return $at
		}
		return ""
	}

	# Take what the pattern matches, unless there was a panic before it. A panic
	# counts with its whole line, so that the pattern had its chance to match it.
	proc match pattern {
		variable fresh
		lassign [search $pattern] first last
		if {$first ne ""} {
			set panic [lindex [search {^panic:}] 0]
			if {$panic eq "" || $panic >= $first} {
				set text [string range $fresh $first $last]
				forget $last
				return [list $text]
			}
		}
		if {[panic]} fail_panic
		forget_lines $pattern
		return ""
	}

	proc panic {} { expr {[search {^panic:.*\n}] ne ""} }

	# Let the machine finish its last words
	proc fail_panic {} {
		variable event
		variable ended
		set most [expr {[clock milliseconds] + 3000}]
		while {[clock milliseconds] < $most && $ended eq ""} {
			set timer [after 400 machine::happens silence]
			vwait machine::event
			after cancel $timer
			if {$event eq "silence"} break
		}
		regexp -line {^panic:[ ]*(.*)$} $::output _ text
		fail "kernel panic: $text"
	}

	proc fail_late {pattern seconds} {
		fail "pattern \"$pattern\" did not come within $seconds s"
	}

	# Wait for one event, then complain unless it is output or a time-out
	proc wait {} {
		variable event
		variable ended
		vwait machine::event
		if {[string match watchdog* $event]} { fail $event }
	}
}

# Boot the machine if it is off, wait until the output has a line part that
# matches the pattern, and return it.  In patterns, "." and "[^...]" do not
# match the end of a line, "^" and "$" match at every line.
proc run_until {pattern {seconds 30}} {
	machine::start
	if {$settings::mode eq "gdb"} { gdb::session }
	set patience [expr {int($seconds * 1000 * [setting PATIENCE])}]
	set timer [after $patience machine::happens timeout]
	while 1 {
		set match [machine::match $pattern]
		if {$match ne ""} break
		if {$machine::ended ne ""} { fail "$machine::ended before\
			pattern \"$pattern\" came" }
		if {$machine::event eq "timeout"} {
			set machine::event ""
			machine::fail_late $pattern $seconds
		}
		machine::wait
	}
	after cancel $timer
	return [lindex $match 0]
}

# Wait for a line part unless it is there already, in whatever order lines come
proc await_line {pattern {seconds 30}} {
	if {![count_lines $pattern]} { run_until $pattern $seconds }
}

# Boot without waiting for anything
proc power_on {} { machine::start }

# Wait until the machine has ended, by debug exit for example; the reason
proc run_until_end {{seconds 30}} {
	machine::start
	set timer [after [expr {int($seconds * 1000 * [setting PATIENCE])}] \
		machine::happens timeout]
	while {$machine::ended eq ""} {
		machine::wait
		if {[machine::panic]} { machine::fail_panic }
		machine::forget_lines ""
		if {$machine::event eq "timeout"} {
			fail "the machine did not end within $seconds s"
		}
	}
	after cancel $timer
	return $machine::ended
}
