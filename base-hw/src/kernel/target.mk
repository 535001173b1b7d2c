# SPDX-License-Identifier: MIT
TARGET = kernel
LIBS   = core

include base/src/kernel/sources.mk

SRC_C += core_start.c ready.c
