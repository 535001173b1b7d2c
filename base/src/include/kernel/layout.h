/* SPDX-License-Identifier: MIT */
/**
 * The kernel's half of each address space, and segments; C and assembly
 *
 * The upper half of every root page table is the same, and complete before the
 * first domain is made: a root needs 256 entries copied, once.
 */
#pragma once

/* Physical memory one to one, RAM only (up to 64 TiB) */
#define KERNEL_PHYS_BASE   0xffff800000000000
#define KERNEL_PHYS_END    0xffffc00000000000
/* A CPU's stacks, each with an unmapped page below it */
#define KERNEL_STACK_BASE  0xffffff0000000000
/* Device registers (APICs) */
#define KERNEL_MMIO_BASE   0xffffff8000000000
/* The image: link address = physical address + this */
#define KERNEL_IMAGE_BASE  0xffffffff80000000

#define PAGE_SIZE          4096
#define PAGE_SHIFT         12

#define KERNEL_STACK_SIZE  8192

/* Segment selectors: the order that SYSCALL and SYSRET want (SDM 3A 5.8.8) */
#define SELECTOR_KERNEL_CODE  0x08
#define SELECTOR_KERNEL_DATA  0x10
#define SELECTOR_USER_DATA    0x1b   /* SYSRET: base 0x10 + 8, RPL 3 */
#define SELECTOR_USER_CODE    0x23   /* SYSRET: base 0x10 + 16, RPL 3 */
#define SELECTOR_TSS          0x28
#define SELECTOR_CORE_CODE    0x38   /* supervisor.h */

#define CPUS_MAX        64
