/* SPDX-License-Identifier: MIT */
/**
 * What core offers as ROM: boot modules, the log's ring, core's state
 */
#pragma once

#include <base/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Physical memory of a module, page-aligned */
struct module { uint64_t phys, size; };

/** Check the boot image; without one there are no modules. Returns CORRUPT */
enum error modules_init(void) MUST_USE;

/** Find a boot module and check its sum. Returns NOT_FOUND, CORRUPT */
enum error module_find(char const *name, struct module *module) MUST_USE;

/** Whether physical memory [base, + size) holds RAM, in use or not */
bool modules_ram_overlaps(uint64_t base, uint64_t size);
