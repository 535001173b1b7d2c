# SPDX-License-Identifier: MIT
#
# Kernel code that both kernels share

MODE      = kernel
LD_SCRIPT = boot/kernel.ld
SRC_DIRS  = base/src/kernel base/src/lib/util
OFFSETS   = x86/offsets.c

SRC_S += $(addprefix boot/, start.S)
SRC_C += $(addprefix boot/, boot_main.c direct_map.c memory.c \
           multiboot2.c pvh.c smp.c)
SRC_C += $(addprefix x86/, acpi.c apic.c clock.c console.c cpu.c features.c fpu.c \
           ioapic.c page_table.c panic.c pic.c reset.c timer.c tlb.c)

SRC_S += $(notdir $(wildcard base/src/kernel/*.S))
SRC_C += $(notdir $(wildcard base/src/kernel/*.c))

SRC_C += memory.c
