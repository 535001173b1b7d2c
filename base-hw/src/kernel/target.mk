# SPDX-License-Identifier: MIT
TARGET = kernel
LIBS   = core

include base/src/kernel/sources.mk

SRC_C += avl.c core_start.c ready.c
