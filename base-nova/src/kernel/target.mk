# SPDX-License-Identifier: MIT
TARGET = kernel

include base/src/kernel/sources.mk

SRC_C += core_elf.c core_module.c core_start.c
