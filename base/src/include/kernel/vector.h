/* SPDX-License-Identifier: MIT */
/**
 * Interrupt vectors; C and assembly
 */
#pragma once

/* Exceptions (SDM 3A table 6-1) */
#define VECTOR_NMI            2
#define VECTOR_BREAKPOINT     3
#define VECTOR_OVERFLOW       4
#define VECTOR_NO_FPU         7
#define VECTOR_DOUBLE_FAULT   8
#define VECTOR_PAGE_FAULT     14
#define VECTOR_MACHINE_CHECK  18

/* Device interrupts: given to IRQ objects, the same on all CPUs */
#define VECTOR_DEVICE_FIRST   0x30
#define VECTOR_DEVICE_LAST    0xef

/* Local: higher class is more urgent (SDM 3A 11.8.3.1) */
#define VECTOR_TIMER          0xf0
#define VECTOR_MAILBOX        0xf1   /* look at cpu's mailbox, reschedule */
#define VECTOR_TLB            0xf2   /* tlb_serve() */
#define VECTOR_ERROR          0xfe   /* local APIC error, ignored */
#define VECTOR_SPURIOUS       0xff   /* no EOI (SDM 3A 11.9) */
