# SPDX-License-Identifier: MIT
#
# Core as part of the kernel's image: one object, of which the kernel sees what
# GLOBALS names, so that both may have a 'pd_create' of their own
LIB      = core
MODE     = kernel
GLOBALS  = core_enter
SRC_DIRS = base/src/core
CC_FLAGS = -DSYS_ENTER='"call entry_core"'

include base/src/core/files.mk

SRC_C += base/src/lib/base/sys/ipc.c base/src/lib/base/sys/sys.c
