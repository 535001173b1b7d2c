/* SPDX-License-Identifier: MIT */
/**
 * The root of the tree: init, whose parent is core
 *
 * Core gives init all RAM and capabilities, and answers its session requests at
 * once. A donation leaves init's account, and comes back to the byte.
 */
#pragma once

#include <base/error.h>
#include <stdint.h>

struct pd;

/** Set up and start init with the RAM that core can spare */
enum error root_start(uint64_t ram, uint64_t caps) MUST_USE;

struct pd *root_pd(void);

/** All RAM that core was told of, in bytes */
uint64_t root_ram_total(void);
void root_set_ram_total(uint64_t bytes);
