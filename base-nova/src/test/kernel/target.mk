# SPDX-License-Identifier: MIT
#
# A program in core's place (archive entry "core"), which checks the kernel's
# objects and measures its paths without core and ld

TARGET    = test-kernel
LD_SCRIPT = base-nova/src/core/core.ld
SRC_DIRS  = base-nova/src/core base/src/core base/src/lib/base/sys \
            base/src/lib/util base/src/lib/base

SRC_S  = entry.S
SRC_C  = lab.c check.c fuzz.c check_smp.c bench.c loops.c main.c kernel.c \
         start.c ipc.c sys.c memory.c string.c format.c error.c
