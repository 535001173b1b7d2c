# SPDX-License-Identifier: MIT
#
# A person at the serial line

namespace eval interact {

	variable escape \x1d       ;# Ctrl-], as telnet has it
	variable over 0

	proc input channel {
		variable escape
		variable over
		set text [read $channel]
		set at [string first $escape $text]
		if {$at >= 0} { set text [string range $text 0 [expr {$at - 1}]] }
		if {$text ne ""} { catch { send $text } }
		if {$at >= 0 || [eof $channel]} {
			set over 1
			chan event $channel readable {}
			machine::happens leave
		}
	}

	# Keys go to the machine one by one; the supervisor restores the terminal.
	# The terminal is opened anew, as others share the mode of standard input.
	proc take_terminal {} {
		variable state [exec stty -g <@stdin]
		set device [file readlink /proc/self/fd/0]
		supervisor::tell [list terminal $device $state]
		set console::raw 1
		exec stty -icanon -echo -isig -ixon -icrnl min 1 <@stdin
		return [open $device {RDONLY NOCTTY NONBLOCK}]
	}

	proc give_back channel {
		variable state
		close $channel
		exec stty $state <@stdin
		set console::raw 0
		console::end_line
	}

	proc until_over channel {
		variable over 0
		chan configure $channel -blocking 0 -translation lf \
			-encoding utf-8
		chan event $channel readable [list interact::input $channel]
		while {!$over && $machine::ended eq ""} { vwait machine::event }
		chan event $channel readable {}
		chan configure $channel -blocking 1
	}
}

# Is there somebody?
proc interactive {} {
	return [expr {[console::terminal]
	              && ![catch { exec sh -c {test -t 0} <@stdin }]}]
}

# Connect standard input to the machine until the machine ends, input ends or
# Ctrl-] is typed.  The watchdog sleeps meanwhile.
proc interact {} {
	machine::start
	machine::calm
	if {[interactive]} {
		set terminal [interact::take_terminal]
		interact::until_over $terminal
		interact::give_back $terminal
	} else {
		interact::until_over stdin
	}
}
