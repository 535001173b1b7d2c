# SPDX-License-Identifier: MIT
#
# Settings: what the caller says by environment variables and arguments

namespace eval settings {

	variable scenario ""         ;# its name, as given
	variable mode     run        ;# run, gdb or image
	variable target   ""         ;# file that "image" is to write

	# name, default, accepted values (a pattern)
	variable known {
		KERNEL    nova    {nova|hw}
		CPUS      1       {[1-9]|[1-5][0-9]|6[0-4]}
		BOOT      ""      {|direct|bios|uefi}
		MEDIA     cd      {cd|disk}
		EMU       qemu    {qemu|bochs|pc}
		ICOUNT    ""      {|0|1}
		SEED      1       {[0-9]{1,9}}
		TSC       ""      {|[0-9]{1,18}}
		CALLS     ""      {.*}
		ROUNDS    ""      {|[1-9][0-9]{0,6}}
		BUILD     yes     {yes|no}
		BUILD_DIR ""      {.*}
		QUIET     ""      {.*}
		PATIENCE  1       {[0-9]+(\.[0-9]+)?}
		WATCHDOG  600     {[1-9][0-9]*}
		SERIAL    ""      {.*}
		GDB_BATCH ""      {.*}
	}
	variable value
	variable most_calls 4294967295

	proc take arguments {
		variable scenario
		variable mode
		variable target
		switch -glob -- [lindex $arguments 0] {
			--gdb   { set mode gdb;   set arguments [lrange $arguments 1 end] }
			--image { set mode image; set target [lindex $arguments 1]
			          set arguments [lrange $arguments 2 end] }
		}
		set scenario [lindex $arguments 0]
		if {[llength $arguments] != 1 || [string match -* $scenario]} {
			set scenario usage
			throw {RUN USAGE} "run \[--gdb | --image <file>\] <scenario>"
		}
	}

	proc check {} {
		variable known
		variable value
		foreach {name default accepted} $known {
			set value($name) $default
			if {[info exists ::env($name)] && $::env($name) ne ""} {
				set value($name) $::env($name)
			}
			if {![regexp "^($accepted)\$" $value($name)]} {
				throw {RUN USAGE} "$name=$value($name) is not possible"
			}
		}
		if {$value(BUILD_DIR) eq ""} { set value(BUILD_DIR) $::root/build }
		set value(BUILD_DIR) [file normalize $value(BUILD_DIR)]
		set value(ICOUNT) [expr {$value(ICOUNT) eq "1"}]
		check_calls
		choose_modules
	}

	# What the fuzzers count to
	proc check_calls {} {
		variable value
		variable most_calls
		set n $value(CALLS)
		if {$n eq ""} return
		if {![regexp {^[1-9][0-9]{0,18}$} $n] || $n > $most_calls} {
			throw {RUN USAGE} "CALLS=$n is not possible,\
				it is a number from 1 to $most_calls"
		}
	}

	# Bochs and real PCs start from a medium only, and GRUB sets the TSC
	proc choose_modules {} {
		variable value
		variable mode
		set direct [expr {$value(BOOT) in {"" direct}}]
		if {$direct && ($value(EMU) ne "qemu" || $mode eq "image"
		                || $value(TSC) ne "")} {
			set value(BOOT) bios
			set direct 0
		}
		if {$value(BOOT) eq "uefi" && $value(EMU) eq "bochs"} {
			throw {RUN USAGE} "Bochs has no UEFI, please use BOOT=bios"
		}
		if {$value(ICOUNT) && $value(EMU) ne "qemu"} {
			throw {RUN USAGE} "only QEMU counts instructions (ICOUNT=1)"
		}
		set value(BOOT)  [expr {$direct ? "direct" : $value(BOOT)}]
		set value(image) [expr {$direct ? "direct" : "iso"}]
		set value(load)  [expr {$direct ? "direct" : $value(MEDIA)}]
		set value(power) $value(EMU)
		set value(log) [dict get {qemu stdio bochs fifo pc serial} $value(EMU)]
	}
}

proc setting name { return $settings::value($name) }

# What a scenario may ask for

proc kernel      {} { return [setting KERNEL] }
proc have_kernel name { expr {[setting KERNEL] eq $name} }
proc cpus        {} { return [setting CPUS] }
proc boot        {} { return [setting BOOT] }
proc emulator    {} { return [setting EMU] }
proc icount      {} { return [setting ICOUNT] }
proc seed        {} { return [setting SEED] }
proc boot_tsc    {} { return [setting TSC] }

# Rounds of a scenario that goes round
proc rounds otherwise {
	return [expr {[setting ROUNDS] eq "" ? $otherwise : [setting ROUNDS]}]
}

# Calls that a fuzzer is to make
proc calls otherwise {
	return [expr {[setting CALLS] eq "" ? $otherwise : [setting CALLS]}]
}
