# SPDX-License-Identifier: MIT
#
# The serial line is the emulator's standard input and output

proc log_qemu {} { return {-serial stdio} }

# emulator: channel of its process
proc log_open emulator { return $emulator }
