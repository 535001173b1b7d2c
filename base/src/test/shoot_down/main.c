/* SPDX-License-Identifier: MIT */
/*
 * Property: when a page was taken away, whoever accesses it faults, on every CPU,
 * also who did nothing else before and has the translation in its TLB; that holds
 * for each way to take it away. Who goes on sees what is there by then.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, USERS = 4, ROUNDS = 8 };

/**
 * 'taken': as many pages were taken away, and whoever took them came back. Each
 * page holds its number; the first one's is 1.
 */
static uint64_t volatile *page;
static uint64_t volatile  taken;
static bool volatile      stop;

static struct worker users[USERS];
static signal_cap_t  faults;
static rm_cap_t      faulting;      /* the map that has to answer */

/** An access that begins when page n was taken away finds a later one */
static void read_it(struct worker *user)
{
	while (!stop) {
		uint64_t const before = taken;
		uint64_t const found  = *page;
		check(stop || found > before,
		      "CPU %u sees page %lu although %lu were taken away",
		      user->index % test_cpus, found, before);
		++*(uint64_t volatile *)&user->count;
	}
}

/** The same for writing: nothing arrives in a page that was taken away */
static void write_it(struct worker *user)
{
	while (!stop) {
		page[1 + user->index] = user->count + 1;
		++*(uint64_t volatile *)&user->count;
	}
}

static void open(void (*run)(struct worker *), rm_cap_t rm)
{
	faulting = rm;
	taken = 0;
	stop  = false;
	check_ok(thread_signal(test_env, &faults));
	check_ok(rm_fault_handler(faulting, faults));
	workers_open(users, USERS, 32, run);
}

static void close(void)
{
	stop = true;
	check_ok(rm_resume(faulting));
	workers_join(users, USERS);
	check_ok(rm_fault_handler(faulting, (signal_cap_t) { 0 }));
	thread_signal_close(test_env, &faults);
}

/** All have the translation: each has just used it */
static void all_use_it(void)
{
	for (unsigned i = 0; i < USERS; i++) {
		uint64_t const before = users[i].count;
		wait_for(users[i].count != before, "user %u stands still", i);
	}
}

/** Nobody gets further than the access that was under way, all of them fault */
static void all_fault(enum rm_access wanted)
{
	uint64_t count[USERS], offset;
	enum rm_access access = RM_ACCESS_EXEC;
	for (unsigned i = 0; i < USERS; i++)
		count[i] = users[i].count;
	for (unsigned n = 0; n < USERS; n++) {
		wait_for(rm_fault(faulting, &offset, &access) == ERROR_OK,
		         "%u of %u fault", n, USERS);
		check(access == wanted, "access %u", access);
	}
	for (unsigned i = 0; i < USERS; i++)
		check(users[i].count <= count[i] + 1, "user %u went on %lu times", i,
		      users[i].count - count[i]);
}

/** Memory with a number in it */
static dataspace_cap_t numbered(uint64_t number)
{
	dataspace_cap_t ds;
	void *at;
	check_ok(ram_alloc(test_env, PAGE, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	*(uint64_t volatile *)at = number;
	ram_detach(test_env, at);
	return ds;
}

static enum error put(rm_cap_t rm, dataspace_cap_t ds, uint64_t at)
{
	uint64_t got;
	return rm_attach(rm, ds, at, 0, 0, RM_WRITE | RM_FIXED, &got);
}

/* -- ways to take a page away: by the region, by the memory -- */

static void detach(rm_cap_t rm, dataspace_cap_t ds, uint64_t at)
{
	check_ok(rm_detach(rm, at));
}

static void free_memory(rm_cap_t rm, dataspace_cap_t ds, uint64_t at)
{
	check_ok(pd_ram_free(test_env->pd, ds));
}

static void exchange(rm_cap_t rm, uint64_t at,
                     void (*take)(rm_cap_t, dataspace_cap_t, uint64_t))
{
	dataspace_cap_t ds = numbered(1);
	check_ok(put(rm, ds, at));
	open(read_it, rm);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		dataspace_cap_t const next = numbered(i + 1);
		all_use_it();
		take(rm, ds, at);
		taken = i;
		all_fault(RM_ACCESS_READ);
		if (take == free_memory)
			cap_drop(ds.cap);
		else
			ram_free(test_env, ds);
		check_ok(put(rm, next, at));
		check_ok(rm_resume(rm));
		ds = next;
	}
	close();
	check_ok(rm_detach(rm, at));
	ram_free(test_env, ds);
}

/** In the address space itself */
static void regions(void)
{
	dataspace_cap_t const ds = numbered(0);
	uint64_t at;
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_READ, &at));
	check_ok(rm_detach(test_env->rm, at));
	ram_free(test_env, ds);
	page = (uint64_t volatile *)at;
	exchange(test_env->rm, at, detach);
	exchange(test_env->rm, at, free_memory);
}

/** In a map inside the address space; memory that ends there becomes zeros */
static void nested_regions(void)
{
	struct rm_session inner;
	dataspace_cap_t ds;
	uint64_t at;
	check_ok(rm_open(&inner, test_env,
		&(struct session_args) { .text = "rm | size: 64K" }));
	check_ok(rm_dataspace(inner.cap, &ds));
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &at));
	page = (uint64_t volatile *)(at + PAGE);
	exchange(inner.cap, PAGE, detach);
	ram_detach(test_env, (void *)at);
	rm_close(&inner);
	cap_drop(ds.cap);
}

/** The right to write is taken away: who reads it afterwards sees no change */
static void sealed(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		dataspace_cap_t ds;
		void *at;
		uint64_t found[USERS];
		check_ok(ram_alloc(test_env, PAGE, &ds));
		check_ok(ram_attach(test_env, ds, true, &at));
		page = at;
		open(write_it, test_env->rm);
		all_use_it();
		check_ok(pd_ram_seal(test_env->pd, ds));
		for (unsigned k = 0; k < USERS; k++)
			found[k] = page[1 + k];
		all_fault(RM_ACCESS_WRITE);
		for (unsigned k = 0; k < USERS; k++)
			check(page[1 + k] == found[k], "user %u wrote %lu after %lu",
			      k, page[1 + k], found[k]);
		/* they end where they may write */
		ram_detach(test_env, at);
		ram_free(test_env, ds);
		check_ok(ram_alloc(test_env, PAGE, &ds));
		check_ok(put(test_env->rm, ds, (uint64_t)at));
		close();
		ram_detach(test_env, at);
		ram_free(test_env, ds);
	}
}

static struct test_step const steps[] = {
	{ "regions", regions }, { "nested regions", nested_regions },
	{ "sealed", sealed },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
