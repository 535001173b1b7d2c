/* SPDX-License-Identifier: MIT */
/*
 * Property: nobody writes to sealed memory or through a view, not even where it
 * was mapped for that before; memory that is not for execution is not executed;
 * around a region and below a stack is nothing. Who tries is stopped, and the
 * fault handler of the region map knows.
 */

/* public */
#include <base/heap.h>
#include <session/dataspace.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096 };

static signal_cap_t faults;

/* -- an access by a thread of its own -- */

static struct worker worker;
static uint64_t volatile target;
static bool volatile     done;

static void read_it(struct worker *w)
{
	w->count = *(uint8_t volatile *)target;
	done = true;
}

static void write_it(struct worker *w)
{
	*(uint8_t volatile *)target = 1;
	done = true;
}

static void execute_it(struct worker *w)
{
	((void (*)(void))target)();
	done = true;
}

/** Go down the own stack until there is none */
static void go_down(struct worker *w)
{
	uint8_t here;
	target = (uint64_t)&here;
	for (uint8_t volatile *p = &here;; p -= PAGE)
		*p = 1;
}

/** Whether the thread is stopped by a fault in its own address space */
static bool stopped(void (*run)(struct worker *), uint64_t at,
                    enum rm_access *access, uint64_t *address)
{
	target = at;
	done   = false;
	workers_open(&worker, 1, 0, run);
	enum error error = ERROR_AGAIN;
	wait_for(done || !(error = rm_fault(test_env->rm, address, access)),
	         "neither a fault nor an end");
	if (done)
		workers_join(&worker, 1);
	else
		workers_close(&worker, 1);
	return !done;
}

static void check_stopped(void (*run)(struct worker *), uint64_t at,
                          enum rm_access kind)
{
	enum rm_access access = RM_ACCESS_READ;
	uint64_t address = 0;
	check(stopped(run, at, &access, &address), "no fault at %lx", at);
	check(address == (at & ~(PAGE - 1ul)) && access == kind,
	      "access %u at %lx instead of %u at %lx", access, address, kind, at);
}

static void check_runs(void (*run)(struct worker *), uint64_t at)
{
	enum rm_access access;
	uint64_t address;
	check(!stopped(run, at, &access, &address), "fault at %lx", address);
}

static void handle_faults(void)
{
	check_ok(thread_signal(test_env, &faults));
	check_ok(rm_fault_handler(test_env->rm, faults));
}

static void ignore_faults(void)
{
	signal_cap_t const none = { 0 };
	check_ok(rm_fault_handler(test_env->rm, none));
	thread_signal_close(test_env, &faults);
}

static uint64_t attach(dataspace_cap_t ds, unsigned flags)
{
	uint64_t at;
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, flags, &at));
	return at;
}

/* -- steps -- */

static void sealed(void)
{
	dataspace_cap_t ds;
	bool yes = true;
	uint64_t other;
	handle_faults();
	check_ok(ram_alloc(test_env, 4 * PAGE, &ds));
	uint64_t const at = attach(ds, RM_WRITE), again = attach(ds, RM_WRITE);
	check_runs(write_it, at + PAGE);
	check_runs(write_it, again + PAGE);
	check_ok(dataspace_sealed(ds, &yes));
	check(!yes, "sealed from the beginning");

	check_ok(pd_ram_seal(test_env->pd, ds));
	check_ok(dataspace_sealed(ds, &yes));
	check(yes, "not sealed");
	check_stopped(write_it, at + PAGE, RM_ACCESS_WRITE);
	check_stopped(write_it, again + PAGE + 8, RM_ACCESS_WRITE);
	check_runs(read_it, at + PAGE);
	check(worker.count == 1, "content has changed");
	check_error(rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &other),
	            ERROR_DENIED);
	check_stopped(write_it, at + 2 * PAGE, RM_ACCESS_WRITE);
	ram_detach(test_env, (void *)at);
	ram_detach(test_env, (void *)again);
	ram_free(test_env, ds);
	ignore_faults();
}

static void view(void)
{
	dataspace_cap_t ds, shown;
	uint64_t at, size;
	bool writable;
	handle_faults();
	check_ok(ram_alloc(test_env, 4 * PAGE, &ds));
	check_ok(pd_ram_view(test_env->pd, ds, &shown));
	check_ok(dataspace_info(shown, &size, &writable));
	check(size == 4 * PAGE && !writable, "%lu bytes", size);
	check_error(rm_attach(test_env->rm, shown, 0, 0, 0, RM_WRITE, &at),
	            ERROR_DENIED);
	uint64_t const mine = attach(ds, RM_WRITE), there = attach(shown, 0);
	*(uint8_t volatile *)(mine + 9) = 77;
	check_runs(read_it, there + 9);
	check(worker.count == 77, "a view of something else");
	check_stopped(write_it, there + 9, RM_ACCESS_WRITE);
	ram_detach(test_env, (void *)mine);
	ram_free(test_env, ds);
	check_stopped(read_it, there + 9, RM_ACCESS_READ);
	check_error(rm_attach(test_env->rm, shown, 0, 0, 0, 0, &at), ERROR_GONE);
	ram_free(test_env, shown);
	ignore_faults();
}

/** RET, as data and as code */
static void execution(void)
{
	dataspace_cap_t ds;
	handle_faults();
	check_ok(ram_alloc(test_env, PAGE, &ds));
	uint64_t const data = attach(ds, RM_WRITE), code = attach(ds, RM_EXEC);
	*(uint8_t volatile *)data = 0xc3;
	check_stopped(execute_it, data, RM_ACCESS_EXEC);
	check_runs(execute_it, code);
	check_stopped(write_it, code, RM_ACCESS_WRITE);
	ram_detach(test_env, (void *)data);
	ram_detach(test_env, (void *)code);
	ram_free(test_env, ds);
	ignore_faults();
}

static void guards(void)
{
	enum { N = 3 };
	dataspace_cap_t ds;
	uint64_t at[N], address = 0;
	enum rm_access access = RM_ACCESS_READ;
	handle_faults();
	check_ok(ram_alloc(test_env, PAGE, &ds));
	for (unsigned i = 0; i < N; i++)
		at[i] = attach(ds, RM_WRITE);
	for (unsigned i = 0; i < N; i++) {
		check_stopped(write_it, at[i] - 1, RM_ACCESS_WRITE);
		check_stopped(read_it, at[i] + PAGE, RM_ACCESS_READ);
	}
	check(stopped(go_down, 0, &access, &address), "no end of the stack");
	check(target - address < 6 * PAGE && access == RM_ACCESS_WRITE,
	      "the stack of %lx ends at %lx", target, address);
	for (unsigned i = 0; i < N; i++)
		ram_detach(test_env, (void *)at[i]);
	ram_free(test_env, ds);
	ignore_faults();
}

static struct test_step const steps[] = {
	{ "sealed", sealed }, { "view", view }, { "execution", execution },
	{ "guard pages", guards },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
