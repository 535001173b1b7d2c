# SPDX-License-Identifier: MIT
#
# The machine starts from the image as its disk; nothing is written to it

source $tool/lib/firmware.tcl

proc load_qemu {} {
	set disk if=ide,format=raw,snapshot=on,file=[image_file]
	return [concat [list -drive $disk] [qemu_firmware]]
}

# Bochs wants whole cylinders: 16 heads of 63 sectors
proc load_bochs {} {
	set cylinder [expr {512 * 16 * 63}]
	set cylinders [expr {([file size [image_file]] + $cylinder - 1) / $cylinder}]
	set file [open [image_file] a]
	chan truncate $file [expr {$cylinders * $cylinder}]
	close $file
	return [list "ata0-master: type=disk, path=[image_file], mode=volatile,\
		cylinders=$cylinders, heads=16, spt=63" "boot: disk"]
}
