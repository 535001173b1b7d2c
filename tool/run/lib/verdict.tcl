# SPDX-License-Identifier: MIT
#
# Verdicts: how a run ends, and what is said about it
#
# "fail", "pass" and "skip" unwind to the main program.  A failure is one line
# on stderr, below the last lines of the log.  Exit status: 0 passed, 1 failed,
# 77 skipped.

namespace eval verdict {

	variable started [clock milliseconds]
	variable shown   15      ;# log lines that accompany a failure

	proc say text {
		catch { puts stderr "run: $settings::scenario: $text" }
	}

	proc passed {} {
		variable started
		set ms [expr {[clock milliseconds] - $started}]
		console::finish
		catch {
			puts "run: $settings::scenario: passed\
			      ([format %.1f [expr {$ms / 1000.0}]] s)"
			flush stdout
		}
		return 0
	}

	proc skipped reason {
		say "skipped: $reason"
		return 77
	}

	proc failed {reason {log ""}} {
		variable shown
		if {$log eq ""} { set log [machine::log_lines] }
		console::finish
		foreach line [lrange $log end-[expr {$shown - 1}] end] {
			catch { puts stderr "  | $line" }
		}
		say [string map {\n " "} [text::harmless $reason]]
		return 1
	}

	# A scenario that booted nothing has shown nothing
	proc require_one {} {
		if {!$machine::started} { fail "the scenario ended without a verdict" }
	}
}

# lines: shown instead of the serial log
proc fail {reason {lines ""}} {
	return -code error -errorcode [list RUN FAIL $lines] $reason
}

# What a run has done how often: tool/test adds it up
proc counted {number what} {
	console::end_line
	puts "counted: $number $what"
}

proc pass {} { throw {RUN PASS} passed }

proc skip reason { throw {RUN SKIP} $reason }

proc assert {condition {reason ""}} {
	if {[uplevel 1 [list expr $condition]]} { return }
	if {$reason eq ""} { set reason "not true: $condition" }
	fail $reason
}
