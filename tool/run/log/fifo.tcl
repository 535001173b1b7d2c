# SPDX-License-Identifier: MIT
#
# The serial line is a named pipe that the emulator takes for a file; nothing
# can be sent

proc log_bochs {} {
	return [list "com1: enabled=1, mode=file, dev=[temporary serial]"]
}

# Open before the emulator, which would wait for a reader otherwise
proc log_open {} {
	exec mkfifo [temporary serial]
	set log [open [temporary serial] {RDWR NONBLOCK}]
	chan configure $log -blocking 0 -translation lf -encoding utf-8
	return $log
}
