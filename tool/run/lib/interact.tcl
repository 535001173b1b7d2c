# SPDX-License-Identifier: MIT
#
# A person at the serial line

namespace eval interact {

	variable escape \x1d       ;# Ctrl-], as telnet has it
	variable over 0

	proc input {} {
		variable escape
		variable over
		set text [read stdin]
		set at [string first $escape $text]
		if {$at >= 0} { set text [string range $text 0 [expr {$at - 1}]] }
		if {$text ne ""} { catch { send $text } }
		if {$at >= 0 || [eof stdin]} { set over 1; machine::happens leave }
	}

	# Keys go to the machine one by one; the supervisor restores the terminal
	proc take_terminal {} {
		set state [exec stty -g <@stdin]
		set device [file readlink /proc/self/fd/0]
		supervisor::tell [list terminal $device $state]
		set console::raw 1
		exec stty -icanon -echo -isig -ixon -icrnl min 1 <@stdin
		return $state
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
	if {[interactive]} { set state [interact::take_terminal] }
	chan configure stdin -blocking 0 -translation lf -buffering none
	chan event stdin readable interact::input
	set interact::over 0
	while {!$interact::over && $machine::ended eq ""} {
		vwait machine::event
	}
	chan event stdin readable {}
	if {[info exists state]} {
		exec stty $state <@stdin
		set console::raw 0
	}
}
