# SPDX-License-Identifier: MIT
#
# The machine is Bochs
#
# Its debugger and its text display want a terminal, which "script" provides.
# Serial line and log are named pipes: the log tells why the machine stopped.

set bochs_args ""                      ;# lines, scenarios append to it
set bochs_cpu  corei7_haswell_4770     ;# or corei7_skylake_x, ryzen, ...
set memory     512                     ;# MiB

namespace eval power {

	variable process ""
	variable events  ""      ;# channel of Bochs' log
	variable resets  0
	variable trouble ""      ;# first panic in the log
	variable screen  ""      ;# what Bochs shows on its terminal

	# What the BIOS finds in battery-backed memory (its source, rombios.c): memory,
	# CPUs, start from CD, and not to wait three seconds for F12 (bit 0 of 0x3f),
	# which takes longer in Bochs than all the rest of a small scenario
	proc cmos_bytes {} {
		set kib   [expr {$::memory * 1024}]
		set low   [expr {min($kib - 1024, 0xfc00)}]
		set above [expr {min(max($kib - 16384, 0) / 64, 0xbf00)}]
		set bytes [dict create 0x0a 0x26 0x0b 0x02 0x0d 0x80 0x32 0x20 \
			0x15 0x80 0x16 0x02 0x3d 0x03 0x3f 0x01 \
			0x5f [expr {[cpus] - 1}]]
		foreach {at value} [list 0x17 $low 0x30 $low 0x34 $above] {
			dict set bytes $at [expr {$value & 0xff}]
			dict set bytes [format 0x%02x [expr {$at + 1}]] \
				[expr {$value >> 8}]
		}
		set image [lrepeat 128 0]
		dict for {at value} $bytes { lset image $at $value }
		return [binary format c* $image]
	}

	# Bochs finds out itself what to tell about a disk
	proc cmos {} {
		if {[setting MEDIA] ne "cd"} { return {} }
		set channel [open [temporary cmos] wb]
		puts -nonewline $channel [cmos_bytes]
		close $channel
		return [list "cmosimage: file=[temporary cmos], rtc_init=time0"]
	}

	proc configuration {} {
		return [join [list \
			"display_library: term" \
			"megs: $::memory" \
			"cpu: model=$::bochs_cpu, count=[cpus], ips=100000000,\
			      reset_on_triple_fault=0" \
			"romimage: file=/usr/share/bochs/BIOS-bochs-latest" \
			"vgaromimage: file=/usr/share/vgabios/vgabios.bin" \
			{*}[load_bochs] {*}[cmos] {*}[log_bochs] \
			"log: [temporary events]" \
			"panic: action=fatal" "error: action=report" \
			"info: action=report" "debug: action=ignore" \
			{*}[split $::bochs_args \n] ""] \n]
	}

	proc require_terminal {} {
		foreach program {bochs script} {
			if {[auto_execok $program] eq ""} {
				fail "emulator: $program is missing,\
				      please start tool/setup test"
			}
		}
		if {[catch { exec script -qec true /dev/null </dev/null } message]} {
			fail "this host has no pseudo-terminal, which Bochs needs\
				(script: [lindex [split $message \n] 0])"
		}
	}

	proc on {} {
		variable process
		variable events
		require_terminal
		text::write [temporary rc] [configuration]
		text::write [temporary commands] c\n
		exec mkfifo [temporary events]
		set events [open [temporary events] {RDWR NONBLOCK}]
		chan configure $events -blocking 0
		chan event $events readable power::hear
		set log [log_open]
		set ::env(TERM) vt100
		set process [machine::spawn script -qec \
			"bochs -q -f rc -rc commands" /dev/null]
		chan event $process readable power::watch
		return $log
	}

	proc listen {} {
		variable events
		variable resets
		variable trouble
		while {[gets $events line] >= 0} {
			if {[string first "Reset(HARDWARE) called" $line] >= 0} {
				incr resets
			}
			if {$trouble eq ""} {
				regexp {>>PANIC<< (.*)$} $line _ trouble
			}
		}
	}

	proc hear {} {
		variable resets
		listen
		if {$resets > 1} { machine::over }
	}

	proc watch {} {
		variable process
		variable screen
		append screen [read $process]
		if {[eof $process]} { machine::receive; machine::over }
	}

	# Bochs itself first: "script" then ends orderly, too
	proc kill_child {} {
		variable process
		set script [lindex $machine::pids($process) 0]
		catch {
			set children [text::read /proc/$script/task/$script/children]
			exec kill -KILL {*}$children 2>/dev/null
		}
		set timer [after 1000 machine::happens late]
		while {[info exists machine::pids($process)]
		       && ![eof $process] && $machine::event ne "late"} {
			vwait machine::event
		}
		after cancel $timer
	}

	proc off {} {
		variable process
		variable events
		if {$process eq ""} return
		kill_child
		machine::kill $process
		catch { close $events }
		set process ""
	}

	proc complaint {} {
		variable screen
		set lines [split [text::harmless $screen] \n]
		set line [lsearch -inline -regexp $lines {PANIC|rror|not found}]
		return [expr {$line eq "" ? "Bochs ended" : [string trim $line]}]
	}

	proc reason {} {
		variable resets
		variable trouble
		listen
		if {$resets > 1} { return "the machine was reset" }
		switch -glob $trouble {
			"*3rd*exception*"   { return "the machine was reset by a\
			                              triple fault" }
			"*soft power off*"  -
			"*hutdown*port*"    { return "the machine switched itself\
			                              off" }
			""                  { return "emulator: [complaint]" }
		}
		return "emulator: Bochs: $trouble"
	}
}
