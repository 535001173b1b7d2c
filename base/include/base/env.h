/* SPDX-License-Identifier: MIT */
/**
 * Environment of a component: all that it has at start
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>

struct entrypoint;
struct heap;
struct hid;

struct env {
	struct entrypoint *ep;       /* serves the component's first thread */
	struct heap       *heap;     /* charged to the component's own account */
	struct hid const  *config;   /* snapshot of ROM "config"; never NULL */
	parent_cap_t       parent;
	pd_cap_t           pd;
	cpu_cap_t          cpu;
	rm_cap_t           rm;       /* own address space */
	uint64_t           opaque[8];
};
_Static_assert(sizeof(struct env) == 120, "binary interface");

/**
 * Run 'handler' when a new configuration is there; the handler then calls
 * config_update. Returns NO_RAM, NO_CAPS
 */
struct signal_handler;
enum error config_watch(struct env *env, struct signal_handler *handler) MUST_USE;

/**
 * Make the newest configuration the current one
 *
 * Nodes of the former snapshot are dead afterwards. A malformed one is logged
 * with line and reason and leaves the former in place. Returns CORRUPT, NO_RAM.
 */
enum error config_update(struct env *env) MUST_USE;

/** Microseconds since the machine started; monotonic, needs no session */
uint64_t clock_us(void);

/** Frequency of the time-stamp counter in Hz */
uint64_t clock_tsc_hz(void);
