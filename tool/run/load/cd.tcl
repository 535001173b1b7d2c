# SPDX-License-Identifier: MIT
#
# The machine starts from the image in its CD drive

source $tool/lib/firmware.tcl

proc load_qemu {} {
	return [concat [list -cdrom [image_file]] [qemu_firmware]]
}

proc load_bochs {} {
	return [list "ata0-master: type=cdrom, path=[image_file], status=inserted" \
		"boot: cdrom"]
}
