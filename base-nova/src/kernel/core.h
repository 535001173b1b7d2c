/* SPDX-License-Identifier: MIT */
/**
 * Core's file and address space
 */
#pragma once

#include <stdint.h>

/**
 * Physical address and size of core's file in the boot image, whose sum is right;
 * panics if there is none
 */
uint64_t core_module(uint64_t *size);

/** Map into core's space; panics if it cannot */
void core_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags);

/** Map the segments of the file; the entry point. Panics if it is malformed */
uint64_t core_elf_map(uint64_t phys, uint64_t size);
