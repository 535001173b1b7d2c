# SPDX-License-Identifier: MIT
#
# No image: the emulator loads kernel and archive by itself

proc image_build {kernel archive} {
	variable image_kernel $kernel
	variable image_archive $archive
}
