/* SPDX-License-Identifier: MIT */
/**
 * Core's ELF file and address space
 */
#pragma once

#include <stdint.h>

/**
 * Map into core's space; panics if it cannot. Frames that its pool lacks are
 * taken from boot memory
 */
void core_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags);

/** Check the file and map its segments; the entry point. Panics if malformed */
uint64_t core_elf_map(uint64_t phys, uint64_t size);
