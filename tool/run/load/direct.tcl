# SPDX-License-Identifier: MIT
#
# QEMU starts the kernel by its PVH note

# What does not fit would be put over firmware, which then does anything
proc load_qemu {} {
	set kib [expr {1024 + ([file size $::image_kernel]
	                       + [file size $::image_archive]) / 1024}]
	if {$::memory * 1024 < $kib} {
		fail "memory of $::memory MiB cannot hold what is loaded, which\
			takes $kib KiB"
	}
	return [list -kernel $::image_kernel -initrd $::image_archive]
}
