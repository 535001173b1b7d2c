# SPDX-License-Identifier: MIT
#
# QEMU starts the kernel by its PVH note

proc load_qemu {} {
	return [list -kernel $::image_kernel -initrd $::image_archive]
}
