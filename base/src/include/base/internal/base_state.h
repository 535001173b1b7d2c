/* SPDX-License-Identifier: MIT */
/**
 * What the base library of a component knows: one instance in 'ld'
 *
 * Set up by base_init before the component runs; then changed by the first
 * thread only, but for what atomic operations maintain.
 */
#pragma once

#include <base/entrypoint.h>
#include <base/env.h>
#include <base/internal/account.h>
#include <base/internal/start.h>
#include <base/internal/entrypoint.h>
#include <base/internal/heap.h>
#include <util/list.h>

/** Thread-local storage that each thread gets a copy of (variant II) */
struct tls_layout {
	size_t size;                  /* bytes in front of struct thread_self */
	void (*init)(void *end);      /* fill the 'size' bytes in front of 'end' */
};

struct base_state {
	struct env        env;
	log_cap_t         log;
	rom_cap_t         binary;
	struct entrypoint ep;
	struct account    account;    /* unlimited here: core does the counting */
	struct heap       heap;
	struct tls_layout tls;
	struct list       services;
	char              last_asked[64];   /* for the message when construct fails */
	uint64_t          tsc_hz;
	uint64_t          seed;
	uint64_t          us_per_tick;      /* times 2 ^ 56 */
	uint32_t          n_cpus;
};

extern struct base_state base_state;

/** Take what core put into 'utcb'; from then on RPCs and the heap work */
void base_init(uint64_t const *utcb);

/** Read ROM "config", if there is one */
void config_init(struct env *env);

/** Donate kernel memory for capabilities. Returns NO_RAM, GONE */
enum error base_refill(void) MUST_USE;
