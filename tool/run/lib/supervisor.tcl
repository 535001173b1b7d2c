# SPDX-License-Identifier: MIT
#
# The supervisor's client side: temporary folder, watchdog, terminal state

namespace eval supervisor {

	variable channel ""
	variable folder  ""

	proc start {} {
		variable channel
		variable folder
		set channel [open [list | setsid [info nameofexecutable] \
			$::tool/supervise.tcl [pid] 2>@stderr] r+]
		chan configure $channel -buffering line
		if {[gets $channel folder] < 0 || ![file isdirectory $folder]} {
			fail "no temporary folder"
		}
	}

	proc tell line {
		variable channel
		if {$channel ne ""} { puts $channel $line }
	}

	# returns when everything is cleaned up
	proc finish {} {
		variable channel
		if {$channel eq ""} return
		catch { close $channel write; read $channel; close $channel }
		set channel ""
	}
}

# File in the temporary folder
proc temporary name { return $supervisor::folder/$name }
