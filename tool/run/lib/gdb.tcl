# SPDX-License-Identifier: MIT
#
# Debugging: the scenario's machine stands still at its first instruction and
# gdb is attached to QEMU's stub, with the symbols of kernel, core, ld and
# components.  GDB_BATCH="command; command" runs commands instead of a dialogue.

namespace eval gdb {

	proc qemu {} {
		if {$settings::mode ne "gdb"} { return {} }
		return {-gdb unix:gdb,server=on,wait=off -S}
	}
}
