# SPDX-License-Identifier: MIT
#
# Debugging: the scenario's machine stands still at its first instruction and
# gdb is attached to QEMU's stub, with the symbols of kernel, core and ld, and
# a command "component" that adds those of a component.
#
# GDB_BATCH="command; command" runs these instead of a dialogue, from the kernel's
# first instruction in 64-bit mode on: not before is the kernel in memory, where
# breakpoints can be set. The status of the run is then that of gdb.

namespace eval gdb {

	variable over ""

	proc qemu {} {
		if {$settings::mode ne "gdb"} { return {} }
		return {-gdb unix:gdb,server=on,wait=off -S}
	}

	proc symbols name { return [setting BUILD_DIR]/[kernel]/bin/$name }

	# Core and ld are linked at the same address, in different address spaces:
	# core's symbols go where a component's come
	proc commands {} {
		set text "set confirm off\nset pagination off\n"
		append text "set print thread-events off\n"
		append text "file [symbols kernel]\n"
		append text "set \$core = [file exists [symbols core]]\n"
		foreach name {core ld} {
			if {[file exists [symbols $name]]} {
				append text "add-symbol-file [symbols $name]\n"
			}
		}
		append text "target remote [temporary gdb]\n"
		append text [string map [list BIN [setting BUILD_DIR]/x86_64/bin \
				CORE [symbols core]] \
			[text::block {
				define component
				dont-repeat
				if $core
				remove-symbol-file CORE
				set $core = 0
				end
				if $argc == 1
				add-symbol-file BIN/$arg0 -o 0x10000000
				else
				add-symbol-file BIN/$arg0 -o $arg1
				end
				end
				document component
				component NAME [BASE]: add the symbols of a component,
				loaded at BASE (default: where ld maps the program),
				forget core's, which is at the address of ld
				end
			}]]
		return $text
	}

	proc arguments {} {
		set result [list -q -nx -iex "set auto-load off" -x [temporary gdb.cmd]]
		if {[setting GDB_BATCH] eq ""} { return $result }
		lappend result -batch -ex "thbreak *boot_start64" -ex continue
		foreach command [split [setting GDB_BATCH] ";"] {
			lappend result -ex [string trim $command]
		}
		return $result
	}

	# A dialogue takes the terminal itself, only its end is seen here
	proc open_debugger {} {
		set gdb [list setpriv --pdeathsig KILL gdb {*}[arguments]]
		if {[setting GDB_BATCH] ne ""} {
			return [open |[concat $gdb [list </dev/null 2>@1]] r]
		}
		if {![interactive]} {
			fail "gdb needs a terminal, or GDB_BATCH=\"command; ...\""
		}
		return [open |[list setpriv --pdeathsig KILL sh -c \
			{"$@" </dev/tty >/dev/tty 2>&1} sh {*}$gdb] r]
	}

	proc listen channel {
		variable over
		set text [read $channel]
		if {$text ne ""} { console::show [text::harmless $text] }
		if {[eof $channel]} {
			chan configure $channel -blocking 1
			set over done
			if {[catch { close $channel }] && [setting GDB_BATCH] ne ""} {
				set over failed
			}
			machine::happens gdb
		}
	}

	proc wait_for_stub {} {
		for {set i 0} {$i < 500 && $machine::ended eq ""} {incr i} {
			if {[file exists [temporary gdb]]} return
			after 10 machine::happens tick
			vwait machine::event
		}
		fail "gdb: QEMU offers no stub: $machine::ended"
	}

	proc session {} {
		variable over
		if {[auto_execok gdb] eq ""} {
			fail "gdb is missing, please start tool/setup"
		}
		if {[setting GDB_BATCH] eq ""} { machine::calm }
		text::write [temporary gdb.cmd] [commands]
		wait_for_stub
		set channel [open_debugger]
		chan configure $channel -blocking 0
		chan event $channel readable [list gdb::listen $channel]
		while {$over eq ""} { machine::wait }
		if {$over eq "failed"} { fail "gdb ended with an error" }
		pass
	}
}
