/* SPDX-License-Identifier: MIT */
/*
 * Property: memory is freed by the domain that allocated it and by nobody else;
 * a freed dataspace is gone everywhere; where others had it attached, they find
 * zeros and pay for what they write; its size and place are what was asked for.
 */

/* public */
#include <base/heap.h>
#include <session/dataspace.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, SIZE = 16 * PAGE };

static struct pd_session other;

static struct pd_account account_of(pd_cap_t pd)
{
	struct pd_account account = { 0 };
	check_ok(pd_account(pd, &account));
	return account;
}

/** A second domain; what is allocated from it is foreign memory to us */
static void open_other(void)
{
	check_ok(pd_open(&other, test_env,
		&(struct session_args) { .ram = 1 << 20, .caps = 20 }));
}

static void ownership(void)
{
	dataspace_cap_t ours, theirs;
	open_other();
	check_ok(pd_ram_alloc(test_env->pd, SIZE, 0, &ours));
	check_ok(pd_ram_alloc(other.cap, SIZE, 0, &theirs));
	struct pd_account const before = test_account();
	check_error(pd_ram_free(test_env->pd, theirs), ERROR_INVALID);
	check_error(pd_ram_free(other.cap, ours), ERROR_INVALID);
	check_error(pd_ram_free(test_env->pd,
		(dataspace_cap_t) { test_env->cpu.cap }), ERROR_INVALID);
	check(test_account().ram_used == before.ram_used, "a refusal has an effect");
	check(cap_alive(ours.cap) && cap_alive(theirs.cap), "freed by a stranger");

	check_ok(pd_ram_free(test_env->pd, ours));
	check(!cap_alive(ours.cap), "alive after free");
	check(before.ram_used - test_account().ram_used >= SIZE, "not given back");
	check(pd_ram_free(test_env->pd, ours) != ERROR_OK, "freed twice");
	cap_drop(ours.cap);
	pd_close(&other);
	check(!cap_alive(theirs.cap), "memory survives its domain");
	cap_drop(theirs.cap);
}

static void use_after_free(void)
{
	dataspace_cap_t ds;
	uint64_t size, at;
	bool writable;
	check_ok(pd_ram_alloc(test_env->pd, SIZE, 0, &ds));
	check_ok(pd_ram_free(test_env->pd, ds));
	check_error(dataspace_info(ds, &size, &writable), ERROR_GONE);
	check_error(dataspace_sealed(ds, &writable), ERROR_GONE);
	enum error const error =
		rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &at);
	check(error == ERROR_INVALID || error == ERROR_GONE, "attached: %s",
	      error_text(error));
	cap_drop(ds.cap);
}

static void sizes(void)
{
	static struct { uint64_t asked, given; } const size[] = {
		{ 1, PAGE }, { PAGE, PAGE }, { PAGE + 1, 2 * PAGE },
		{ 1 << 20, 1 << 20 } };
	dataspace_cap_t ds;
	uint64_t given;
	bool writable;
	for (unsigned i = 0; i < sizeof size / sizeof *size; i++) {
		check_ok(pd_ram_alloc(test_env->pd, size[i].asked, 0, &ds));
		check_ok(dataspace_info(ds, &given, &writable));
		check(given == size[i].given && writable, "%lu bytes are %lu",
		      size[i].asked, given);
		ram_free(test_env, ds);

		check_ok(pd_ram_alloc(test_env->pd, size[i].asked,
		                      PD_RAM_CONTIGUOUS, &ds));
		check_ok(dataspace_info(ds, &given, &writable));
		check(given == size[i].given, "%lu bytes are %lu", size[i].asked,
		      given);
		ram_free(test_env, ds);
	}
	check_error(pd_ram_alloc(test_env->pd, 0, 0, &ds), ERROR_INVALID);
	check_error(pd_ram_alloc(test_env->pd, PAGE, 0x80, &ds), ERROR_INVALID);
	check_error(pd_ram_alloc(test_env->pd, PAGE,
		PD_RAM_UNCACHED | PD_RAM_WRITE_COMBINED, &ds), ERROR_INVALID);
	check(pd_ram_alloc(test_env->pd, ~0ul, 0, &ds) != ERROR_OK, "endless");
	check(pd_ram_alloc(test_env->pd, 1ul << 63, 0, &ds) != ERROR_OK, "2^63");
	check_error(pd_ram_alloc(test_env->pd, test_account().ram_limit, 0, &ds),
	            ERROR_NO_RAM);
}

/** To the last page of the account, and back */
static void exhaustion(void)
{
	open_other();
	struct pd_account const before = account_of(other.cap);
	dataspace_cap_t ds[40];
	unsigned n = 0;
	enum error error = ERROR_OK;
	while (n < 40 && !(error = pd_ram_alloc(other.cap, 64 << 10, 0, &ds[n])))
		n++;
	check(error == ERROR_NO_RAM || error == ERROR_NO_CAPS, "refused: %s",
	      error_text(error));
	check(n >= 8, "only %u", n);
	while (n) {
		check_ok(pd_ram_free(other.cap, ds[--n]));
		cap_drop(ds[n].cap);
	}
	struct pd_account const after = account_of(other.cap);
	check(after.caps_used == before.caps_used, "capabilities %lu -> %lu",
	      before.caps_used, after.caps_used);
	check(after.ram_used == before.ram_used, "RAM %lu -> %lu",
	      before.ram_used, after.ram_used);
	pd_close(&other);
}

/** The owner frees what we have attached, we neither fault nor see anything */
static void owner_frees(void)
{
	open_other();
	for (unsigned dead = 0; dead < 2; dead++) {
		dataspace_cap_t ds;
		void *at;
		check_ok(pd_ram_alloc(other.cap, SIZE, 0, &ds));
		check_ok(ram_attach(test_env, ds, true, &at));
		uint64_t volatile *const words = at;
		for (unsigned i = 0; i < SIZE / 8; i += 64)
			words[i] = 0x5ec4e7;
		if (dead)
			pd_close(&other);
		else
			check_ok(pd_ram_free(other.cap, ds));

		struct pd_account const before = test_account();
		for (unsigned i = 0; i < SIZE / 8; i += 64)
			check(!words[i], "word %u is still %lx", i, words[i]);
		words[0] = 1;
		words[PAGE / 8] = 2;
		check(words[0] == 1 && words[PAGE / 8] == 2 && !words[2 * PAGE / 8],
		      "private pages are mixed up");
		struct pd_account const full = test_account();
		check(full.ram_used >= before.ram_used + 2 * PAGE,
		      "two private pages for nothing");
		ram_detach(test_env, at);
		check(test_account().ram_used + 2 * PAGE <= full.ram_used,
		      "they were not freed");
		cap_drop(ds.cap);
	}
}

/** Our own: the regions vanish, and others may take their place */
static void free_attached(void)
{
	dataspace_cap_t ds;
	void *at;
	uint64_t again;
	check_ok(ram_alloc(test_env, SIZE, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	*(uint64_t volatile *)at = 5;
	ram_free(test_env, ds);
	check_error(rm_detach(test_env->rm, (uint64_t)at), ERROR_NOT_FOUND);
	check_ok(ram_alloc(test_env, SIZE, &ds));
	check_ok(rm_attach(test_env->rm, ds, (uint64_t)at, 0, 0,
	                   RM_WRITE | RM_FIXED, &again));
	check(!*(uint64_t volatile *)at, "the former content");
	ram_detach(test_env, at);
	ram_free(test_env, ds);
}

/* -- threads on all CPUs use memory while it is taken away -- */

static uint64_t volatile *shared_at;
static bool volatile      stop;

static void touch(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	while (!stop) {
		uint64_t const i = test_random(&seed) % (SIZE / 8);
		uint64_t const seen = shared_at[i];
		check(!seen || seen == 0x5ec4e7, "%lx is from somebody else", seen);
		worker->count++;
	}
}

static void freed_while_used(void)
{
	static struct worker workers[4];
	open_other();
	for (unsigned i = 0; i < test_rounds(12); i++) {
		dataspace_cap_t ds, filler;
		void *at, *filler_at;
		stop = false;
		check_ok(pd_ram_alloc(other.cap, SIZE, 0, &ds));
		check_ok(ram_attach(test_env, ds, true, &at));
		shared_at = at;
		for (unsigned k = 0; k < SIZE / 8; k++)
			shared_at[k] = 0x5ec4e7;
		workers_open(workers, 4, 32, touch);
		wait_for(workers[i % 4].count, "nobody touches it");
		check_ok(pd_ram_free(other.cap, ds));
		/* whoever still uses the frames sees this */
		check_ok(pd_ram_alloc(other.cap, SIZE, 0, &filler));
		check_ok(ram_attach(test_env, filler, true, &filler_at));
		for (unsigned k = 0; k < SIZE / 8; k++)
			((uint64_t volatile *)filler_at)[k] = 0xf111e4;
		test_sleep(200);
		stop = true;
		workers_join(workers, 4);
		ram_detach(test_env, filler_at);
		ram_detach(test_env, at);
		check_ok(pd_ram_free(other.cap, filler));
		cap_drop(filler.cap);
		cap_drop(ds.cap);
	}
	pd_close(&other);
}

static struct test_step const steps[] = {
	{ "ownership", ownership }, { "use after free", use_after_free },
	{ "sizes", sizes }, { "exhaustion", exhaustion },
	{ "the owner frees it", owner_frees },
	{ "freed while attached", free_attached },
	{ "freed while used", freed_while_used },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
