# SPDX-License-Identifier: MIT
TARGET    = core
LD_SCRIPT = core.ld

include base/src/core/files.mk

SRC_S  = entry.S
SRC_C += base/src/lib/base/sys/ipc.c base/src/lib/base/sys/sys.c
