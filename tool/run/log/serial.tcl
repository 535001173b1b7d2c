# SPDX-License-Identifier: MIT
#
# The serial line of a real PC, at the device SERIAL=<path> of this host

proc log_open {} {
	set device [setting SERIAL]
	if {$device eq ""} { fail "EMU=pc needs SERIAL=<device>" }
	if {[catch { open $device {RDWR NONBLOCK NOCTTY} } log]} {
		fail "serial line: $log"
	}
	catch { chan configure $log -mode 115200,n,8,1 -handshake none }
	chan configure $log -blocking 0 -buffering none -translation lf \
		-encoding utf-8
	return $log
}
