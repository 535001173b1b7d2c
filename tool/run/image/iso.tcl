# SPDX-License-Identifier: MIT
#
# One hybrid ISO image: starts as CD, as disk or USB stick, by BIOS and UEFI
#
# GRUB consists of the named modules and the script below, and nothing else;
# it reports its errors on the serial line.  UEFI finds it in a small FAT file
# system that is at once a file of the ISO and a GPT partition.

namespace eval iso {

	variable grub /usr/lib/grub

	variable script {
		serial --unit=0 --speed=115200
		terminal_output serial
		search --no-floppy --set=root --file /boot/ashlar/kernel
		multiboot2 /boot/ashlar/kernel
		module2 /boot/ashlar/modules modules
		SET_TSC
		boot
	}

	variable grub_modules {
		multiboot2 iso9660 part_gpt part_msdos search search_fs_file
		serial terminal boot
	}

	# The boot processor's IA32_TIME_STAMP_COUNTER, if it is to be another one's
	proc set_tsc {} {
		return [expr {[boot_tsc] eq "" ? "" : "wrmsr 0x10 [boot_tsc]"}]
	}

	# Run a host program, whose output matters only if it fails
	proc call {program args} {
		if {[auto_execok $program] eq ""} {
			fail "image: $program is missing, please start tool/setup test"
		}
		if {[catch { exec $program {*}$args 2>@1 } message]} {
			fail "image: $program failed" [split $message \n]
		}
	}

	proc grub_image {format path args} {
		variable grub_modules
		set modules $grub_modules
		if {[boot_tsc] ne ""} { lappend modules wrmsr }
		call grub-mkimage -O $format -o $path -p /boot \
			-c [temporary grub.cfg] {*}$modules {*}$args
	}

	proc fat_image {path loader} {
		call mformat -C -i $path -f 720 ::
		call mmd -i $path ::/efi ::/efi/boot
		call mcopy -i $path $loader ::/efi/boot/bootx64.efi
	}

	proc write {path folder} {
		variable grub
		call xorriso -as mkisofs -quiet -o $path -r -V ASHLAR \
			--grub2-mbr $grub/i386-pc/boot_hybrid.img \
			-b boot/bios.img -no-emul-boot -boot-load-size 4 \
			-boot-info-table --grub2-boot-info \
			-eltorito-alt-boot -e boot/efi.img -no-emul-boot \
			-isohybrid-gpt-basdat $folder
	}
}

proc image_file {} { return [temporary image.iso] }

proc image_build {kernel archive} {
	set folder [temporary iso]
	file mkdir $folder/boot/ashlar
	file copy -force $kernel $folder/boot/ashlar/kernel
	file copy -force $archive $folder/boot/ashlar/modules
	text::write [temporary grub.cfg] [string map \
		[list SET_TSC [iso::set_tsc]] [text::block $iso::script]]
	iso::grub_image i386-pc-eltorito $folder/boot/bios.img biosdisk
	iso::grub_image x86_64-efi [temporary bootx64.efi] efi_gop
	file delete $folder/boot/efi.img
	iso::fat_image $folder/boot/efi.img [temporary bootx64.efi]
	file delete [image_file]
	iso::write [image_file] $folder
}
