/* SPDX-License-Identifier: MIT */
/**
 * Core's ELF file and address space
 */
#pragma once

#include <stdint.h>

/** Map into core's space; panics if it cannot */
void core_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags);

/** Map the segments of the file; the entry point. Panics if it is malformed */
uint64_t core_elf_map(uint64_t phys, uint64_t size);
