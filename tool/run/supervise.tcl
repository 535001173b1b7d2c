# SPDX-License-Identifier: MIT
#
# Supervisor of one run, in a session of its own, so that no signal that is
# meant for the run tool reaches it
#
# It creates the temporary folder and tells its name.  However the run tool
# ends, this process reads the end of its standard input; it then ends all
# processes that work inside the folder, restores the terminal and deletes the
# folder.  It is also the last watchdog, should the run tool hang by itself.
#
# Commands on standard input: "watchdog <seconds> <scenario>", "calm",
# "terminal <device> <state as of stty -g>".

set run [lindex $argv 0]
set folder [exec mktemp -d -t ashlar-run.XXXXXXXX]
set terminal ""
set alarm ""

# Processes with the folder, or one inside, as their working directory
proc inhabitants {} {
	set result {}
	foreach link [glob -nocomplain /proc/\[1-9\]*/cwd] {
		if {[catch { file readlink $link } directory]} continue
		if {[string match $::folder* $directory]} {
			lappend result [lindex [file split $link] 2]
		}
	}
	return $result
}

# Repeated, as one that is just being started may be missed
proc end_inhabitants {} {
	for {set round 0} {$round < 100} {incr round} {
		set pids [inhabitants]
		if {![llength $pids]} return
		catch { exec kill -KILL {*}$pids 2>/dev/null }
		after 10
	}
}

proc clean_up {} {
	end_inhabitants
	if {$::terminal ne ""} {
		lassign $::terminal device state
		catch { exec stty -F $device $state }
	}
	file delete -force $::folder
	exit
}

proc hang {seconds scenario} {
	puts stderr "run: $scenario: watchdog: the run tool did nothing\
		within $seconds s"
	catch { exec kill -KILL $::run }
}

proc command {} {
	if {[gets stdin line] < 0} {
		if {[eof stdin]} clean_up
		return
	}
	switch [lindex $line 0] {
		watchdog { lassign $line _ seconds scenario
		           after cancel $::alarm
		           set ::alarm [after [expr {$seconds * 1000}] \
		               [list hang $seconds $scenario]] }
		calm     { after cancel $::alarm }
		terminal { set ::terminal [lrange $line 1 2] }
	}
}

puts $folder
flush stdout
chan configure stdin -blocking 0
chan event stdin readable command
vwait forever
