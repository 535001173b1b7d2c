/* SPDX-License-Identifier: MIT */
/*
 * Property: what was built up in many operations is destroyed by one call, though
 * core does it in steps (core_latency); in the end all of it is gone.
 */

/* public */
#include <base/heap.h>
#include <session/parent.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, ATTACHMENTS = 200, DATASPACES = 100, CLONE = 1 << 20 };

static uint64_t at[ATTACHMENTS];

static void free_all(dataspace_cap_t ds)
{
	check_ok(pd_ram_free(test_env->pd, ds));
	cap_drop(ds.cap);
}

static void attachments(void)
{
	dataspace_cap_t ds;
	check_ok(ram_alloc(test_env, PAGE, &ds));
	for (unsigned i = 0; i < ATTACHMENTS; i++) {
		check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &at[i]));
		*(uint8_t volatile *)at[i] = 1;
	}
	free_all(ds);
	for (unsigned i = 0; i < ATTACHMENTS; i++)
		check_error(rm_detach(test_env->rm, at[i]), ERROR_NOT_FOUND);
}

static void pages_of_a_clone(void)
{
	dataspace_cap_t ds, clone;
	void *here;
	check_ok(ram_alloc(test_env, CLONE, &ds));
	check_ok(pd_ram_clone(test_env->pd, ds, &clone));
	check_ok(ram_attach(test_env, clone, true, &here));
	for (unsigned i = 0; i < CLONE; i += PAGE)
		((uint8_t volatile *)here)[i] = 1;
	free_all(clone);
	free_all(ds);
}

/** A domain with much in it; session_close returns when all is gone */
static void domain(void)
{
	struct pd_session pd;
	rm_cap_t rm;
	dataspace_cap_t ds[DATASPACES];
	uint64_t there;
	struct pd_account const before = test_account();
	check_ok(pd_open(&pd, test_env, &(struct session_args) {
		.ram = 1 << 20, .caps = DATASPACES + 20 }));
	check_ok(pd_address_space(pd.cap, &rm));
	for (unsigned i = 0; i < DATASPACES; i++) {
		check_ok(pd_ram_alloc(pd.cap, PAGE, 0, &ds[i]));
		check_ok(rm_attach(rm, ds[i], 0, 0, 0, RM_WRITE, &there));
	}
	cap_drop(rm.cap);
	pd_close(&pd);
	for (unsigned i = 0; i < DATASPACES; i++) {
		check(!cap_alive(ds[i].cap), "dataspace %u lives", i);
		cap_drop(ds[i].cap);
	}
	check(test_account().caps_used == before.caps_used,
	      "%lu capabilities are missing",
	      test_account().caps_used - before.caps_used);
}

static struct test_step const steps[] = {
	{ "attachments", attachments }, { "pages of a clone", pages_of_a_clone },
	{ "domain", domain },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
