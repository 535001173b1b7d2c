# SPDX-License-Identifier: MIT
#
# QEMU's firmware for starting from a medium

# Arguments for UEFI: code read-only, variables forgotten at the end
proc qemu_firmware {} {
	if {[boot] ne "uefi"} { return {} }
	foreach size {_4M ""} {
		set code /usr/share/OVMF/OVMF_CODE$size.fd
		set vars /usr/share/OVMF/OVMF_VARS$size.fd
		if {![file exists $code]} continue
		return [list \
			-drive if=pflash,format=raw,readonly=on,file=$code \
			-drive if=pflash,format=raw,snapshot=on,file=$vars]
	}
	fail "UEFI: package 'ovmf' is missing, please start tool/setup test"
}
