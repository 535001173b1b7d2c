# SPDX-License-Identifier: MIT
#
# The machine is a real PC that somebody switches on
#
# "make image/<scenario>" wrote the medium that it starts from.

set memory 0
set qemu_args ""

namespace eval power {

	proc on {} {
		set log [log_open]
		puts "run: please start the PC from the image of this scenario"
		return $log
	}

	proc off {} {}

	proc reason {} { return "the serial line was closed" }
}
