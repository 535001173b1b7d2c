# SPDX-License-Identifier: MIT
#
# The serial console: what came is kept and shown, what is sent goes there
#
# While a person interacts, bytes are shown as they are, so that a full-screen
# program works; at other times, and in "output", without escape sequences.

namespace eval console {

	variable rest ""       ;# start of an escape sequence that is incomplete
	variable raw  0        ;# a person interacts
	variable open 0        ;# a line was shown in part
	variable mute 0        ;# the verdict is spoken

	proc terminal {} {
		variable is_terminal
		if {![info exists is_terminal]} {
			set is_terminal [expr {![catch {
				exec sh -c {test -t 1} >@stdout }]}]
		}
		return $is_terminal
	}

	proc take data {
		variable rest
		variable raw
		if {$raw} { show $data }
		append rest $data
		set end [text::unfinished $rest]
		if {[string length $rest] - $end > 256} {
			set end [string length $rest]
		}
		keep [text::harmless [string range $rest 0 [expr {$end - 1}]]]
		set rest [string range $rest $end end]
	}

	proc flush_rest {} {
		variable rest
		keep [text::harmless $rest]
		set rest ""
	}

	proc keep text {
		variable raw
		machine::keep $text
		if {!$raw} { show $text }
	}

	# Nobody may be listening any more: then the run goes on in silence
	proc show text {
		variable open
		variable mute
		if {$mute || [setting QUIET] ne "" || $text eq ""} return
		catch { puts -nonewline $text; flush stdout }
		set open [expr {[string index $text end] ne "\n"}]
	}

	proc end_line {} {
		variable open
		if {$open} { show \n }
	}

	# Nothing is shown from now on
	proc finish {} {
		variable mute
		end_line
		set mute 1
	}
}

# Send text to the serial line, as it is: a terminal's "enter" is \r
proc send text {
	machine::start
	if {[catch {
		puts -nonewline $machine::log $text
		flush $machine::log
	} message]} { fail "cannot send to the machine: $message" }
}
