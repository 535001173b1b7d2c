# SPDX-License-Identifier: MIT
#
# The machine is QEMU, in software emulation
#
# It works in the temporary folder and in a session of its own.  A QMP monitor
# on a pair of named pipes tells why the machine stopped, and takes commands.

source $tool/lib/plugin.tcl

set qemu_args ""           ;# scenarios append to it
set memory 512             ;# MiB

namespace eval power {

	variable process ""     ;# channel: the serial line; end = QEMU's end
	variable monitor ""     ;# channel for commands
	variable events  ""     ;# channel for what QEMU says
	variable stopped ""     ;# reason in QEMU's last SHUTDOWN event
	variable answer  ""     ;# reply to the last command
	variable status  ""     ;# of the process

	proc acceleration {} {
		if {[icount]} {
			return {-accel tcg -icount shift=0,sleep=off
			        -rtc base=2026-01-01,clock=vm}
		}
		return {-accel tcg,thread=multi}
	}

	proc arguments {} {
		set devices [list -display none -no-reboot -nodefaults \
			-device isa-debug-exit,iobase=0xf4,iosize=4 \
			-chardev pipe,id=monitor,path=qmp \
			-mon chardev=monitor,mode=control]
		if {[boot] ne "direct"} { lappend devices -vga std }
		return [list {*}[acceleration] -cpu max -smp [cpus] -m $::memory \
			-seed [seed] {*}$devices {*}[log_qemu] {*}[load_qemu] \
			{*}[gdb::qemu] {*}$::qemu_args]
	}

	proc open_monitor {} {
		variable monitor
		variable events
		exec mkfifo [temporary qmp.in] [temporary qmp.out]
		set monitor [open [temporary qmp.in] {RDWR NONBLOCK}]
		set events  [open [temporary qmp.out] {RDWR NONBLOCK}]
		chan configure $monitor -buffering line
		chan configure $events -blocking 0
		chan event $events readable power::hear
		puts $monitor {{"execute": "qmp_capabilities"}}
	}

	proc hear {} {
		variable events
		variable stopped
		variable answer
		while {[gets $events line] >= 0} {
			regexp {"event": "SHUTDOWN".*"reason": "([^"]*)"} $line _ stopped
			if {[regexp {^\{"(return|error)"} $line]} { set answer $line }
		}
	}

	proc on {} {
		variable process
		open_monitor
		set process [machine::spawn qemu-system-x86_64 {*}[arguments]]
		return [log_open $process]
	}

	proc off {} {
		variable process
		variable monitor
		variable events
		if {$process eq ""} return
		machine::kill $process
		foreach channel [list $monitor $events] { catch { close $channel } }
		set process ""
	}

	# QEMU ended by itself: say why
	proc reason {} {
		variable process
		variable stopped
		variable status
		set status [machine::status $process]
		hear
		set errors [machine::errors]
		if {$errors ne ""} { return "emulator: [lindex $errors 0]" }
		switch $stopped {
			guest-reset    { return "the machine was reset (or by a\
			                         triple fault)" }
			guest-shutdown { return "the machine switched itself off" }
		}
		if {[string is integer -strict $status] && $status & 1} {
			return "the machine left by debug exit,\
			        value [expr {$status >> 1}]"
		}
		return "emulator: QEMU ended ($status)"
	}
}

# Give the monitor a command, return its answer (JSON)
proc qmp {command {arguments ""}} {
	set power::answer ""
	if {$arguments ne ""} { set arguments ", \"arguments\": $arguments" }
	puts $power::monitor "{\"execute\": \"$command\"$arguments}"
	set timer [after 5000 { set power::answer "no answer" }]
	while {$power::answer eq ""} { vwait power::answer }
	after cancel $timer
	return $power::answer
}
