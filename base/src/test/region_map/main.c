/* SPDX-License-Identifier: MIT */
/*
 * Property: regions of a map never overlap, are where and what was asked for,
 * and are accessible exactly as long as they are attached, on every CPU; maps
 * nest 8 deep and never in a cycle; an attachment costs what comes back.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, PAGES = 8, SIZE = PAGES * PAGE, DEPTH = 8 };

static uint64_t free_place(void)
{
	dataspace_cap_t ds;
	uint64_t at;
	check_ok(ram_alloc(test_env, 64 * SIZE, &ds));
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_READ, &at));
	check_ok(rm_detach(test_env->rm, at));
	ram_free(test_env, ds);
	return at;
}

/** Memory whose pages hold their numbers */
static dataspace_cap_t numbered(void)
{
	dataspace_cap_t ds;
	void *at;
	check_ok(ram_alloc(test_env, SIZE, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	for (unsigned i = 0; i < PAGES; i++)
		*(uint64_t *)((char *)at + i * PAGE) = i + 1;
	ram_detach(test_env, at);
	return ds;
}

static uint64_t word_at(uint64_t address)
{
	return *(uint64_t volatile *)address;
}

static enum error fixed(dataspace_cap_t ds, uint64_t at, uint64_t offset,
                        uint64_t size)
{
	uint64_t got;
	enum error const error = rm_attach(test_env->rm, ds, at, offset, size,
	                                   RM_READ | RM_FIXED, &got);
	check(error || got == at, "fixed at %lx became %lx", at, got);
	return error;
}

static void conflicts(void)
{
	dataspace_cap_t const ds = numbered();
	uint64_t const at = free_place() + SIZE;
	check_ok(fixed(ds, at, PAGE, 4 * PAGE));
	/* each way to overlap */
	check_error(fixed(ds, at, PAGE, 4 * PAGE), ERROR_CONFLICT);
	check_error(fixed(ds, at + PAGE, 0, PAGE), ERROR_CONFLICT);
	check_error(fixed(ds, at + 3 * PAGE, 0, 4 * PAGE), ERROR_CONFLICT);
	check_error(fixed(ds, at - PAGE, 0, 2 * PAGE), ERROR_CONFLICT);
	check_error(fixed(ds, at - PAGE, 0, SIZE), ERROR_CONFLICT);
	/* neighbours are none */
	check_ok(fixed(ds, at - PAGE, 0, PAGE));
	check_ok(fixed(ds, at + 4 * PAGE, 5 * PAGE, 0));
	for (unsigned i = 0; i < PAGES; i++)
		check(word_at(at + (i - 1ul) * PAGE) == i + 1, "page %u", i);
	/* any address of a region detaches it, and only it */
	check_ok(rm_detach(test_env->rm, at + 2 * PAGE + 123));
	check_error(rm_detach(test_env->rm, at), ERROR_NOT_FOUND);
	check(word_at(at - PAGE) == 1 && word_at(at + 4 * PAGE) == 6,
	      "the neighbours suffered");
	check_ok(rm_detach(test_env->rm, at - PAGE));
	check_ok(rm_detach(test_env->rm, at + 4 * PAGE));
	ram_free(test_env, ds);
}

static void arguments(void)
{
	dataspace_cap_t const ds = numbered();
	rm_cap_t const rm = test_env->rm;
	uint64_t at;
	check_error(rm_attach(rm, ds, 0, 1, 0, 0, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, 0, 1, 0, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, SIZE, 0, 0, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, 0, SIZE + PAGE, 0, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, PAGE, SIZE, 0, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, PAGE, ~0ul - PAGE + 1, 0, &at),
	            ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, 0, 0, RM_WRITE | RM_EXEC, &at),
	            ERROR_INVALID);
	check_error(rm_attach(rm, ds, 0, 0, 0, 0x100, &at), ERROR_INVALID);
	check_error(rm_attach(rm, ds, 8, 0, 0, RM_FIXED, &at), ERROR_INVALID);
	static uint64_t const nowhere[] = { 0x7ffffffff000, 0x800000000000,
		0xffff800000000000, 0xffffffff80000000, 0xfffffffffffff000 };
	for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
		enum error const error =
			rm_attach(rm, ds, nowhere[i], 0, 0, RM_FIXED, &at);
		check(error == ERROR_CONFLICT || error == ERROR_INVALID,
		      "attached at %lx: %s", nowhere[i], error_text(error));
		check_error(rm_detach(rm, nowhere[i]), ERROR_NOT_FOUND);
	}
	check_error(rm_detach(rm, 0), ERROR_NOT_FOUND);
	check_error(rm_dataspace(rm, &(dataspace_cap_t) { 0 }), ERROR_INVALID);
	ram_free(test_env, ds);
}

/** Many regions come and go; each page is what a list in here says */
static void stress_one(uint64_t seed, dataspace_cap_t ds)
{
	enum { SLOTS = 48 };
	struct { uint64_t at; unsigned first, pages; } slot[SLOTS] = { { 0 } };
	for (unsigned n = 0; n < test_rounds(800); n++) {
		unsigned const i = (unsigned)(test_random(&seed) % SLOTS);
		if (slot[i].at) {
			for (unsigned k = 0; k < slot[i].pages; k++)
				check(word_at(slot[i].at + k * PAGE)
				      == slot[i].first + k + 1, "page %u of %lx", k,
				      slot[i].at);
			check_ok(rm_detach(test_env->rm, slot[i].at));
			slot[i].at = 0;
			continue;
		}
		slot[i].first = (unsigned)(seed >> 8) % PAGES;
		slot[i].pages = 1 + (unsigned)(seed >> 16) % (PAGES - slot[i].first);
		check_ok(rm_attach(test_env->rm, ds, 0, slot[i].first * PAGE,
		                   slot[i].pages * PAGE, RM_READ, &slot[i].at));
		for (unsigned k = 0; k < SLOTS; k++)
			check(k == i || !slot[k].at
			      || slot[k].at + slot[k].pages * PAGE <= slot[i].at
			      || slot[i].at + slot[i].pages * PAGE <= slot[k].at,
			      "%lx overlaps %lx", slot[i].at, slot[k].at);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		if (slot[i].at)
			check_ok(rm_detach(test_env->rm, slot[i].at));
}

static dataspace_cap_t stress_ds;

static void stress_worker(struct worker *worker)
{
	stress_one(worker->index + 1, stress_ds);
}

static void stress(void)
{
	static struct worker workers[4];
	stress_ds = numbered();
	stress_one(4711, stress_ds);
	workers_open(workers, 4, 0, stress_worker);
	workers_join(workers, 4);
	ram_free(test_env, stress_ds);
}

/* -- managed dataspaces -- */

struct level { struct rm_session rm; dataspace_cap_t ds; };

static void level_open(struct level *level)
{
	check_ok(rm_open(&level->rm, test_env,
		&(struct session_args) { .text = "rm | size: 1M" }));
	check_ok(rm_dataspace(level->rm.cap, &level->ds));
}

static void level_close(struct level *level)
{
	rm_close(&level->rm);
	cap_drop(level->ds.cap);
}

static enum error put(struct level *in, dataspace_cap_t ds, uint64_t at)
{
	uint64_t got;
	return rm_attach(in->rm.cap, ds, at, 0, 0, RM_WRITE | RM_FIXED, &got);
}

static void nesting(void)
{
	enum { LEVELS = DEPTH + 2 };
	static struct level level[LEVELS];
	dataspace_cap_t const ds = numbered();
	uint64_t at;
	for (unsigned i = 0; i < LEVELS; i++)
		level_open(&level[i]);
	/* memory in 0, 0 in 1, …: each one page further in */
	check_ok(put(&level[0], ds, PAGE));
	unsigned n = 1;
	enum error error = ERROR_OK;
	for (; n < LEVELS; n++) {
		uint64_t got;
		error = rm_attach(level[n].rm.cap, level[n - 1].ds, PAGE, 0,
		                  (1 << 20) - n * PAGE, RM_WRITE | RM_FIXED, &got);
		if (error)
			break;
	}
	check_error(error, ERROR_LIMIT);
	check(n == DEPTH + 1, "a map is %u high", n);
	/* the address space is a map, too: it can hold what is one less high */
	n--;
	check_error(rm_attach(test_env->rm, level[n].ds, 0, 0, 0, RM_WRITE, &at),
	            ERROR_LIMIT);
	check_ok(rm_attach(test_env->rm, level[n - 1].ds, 0, 0, 0, RM_WRITE, &at));
	for (unsigned i = 0; i < PAGES; i++)
		check(word_at(at + (n + i) * PAGE) == i + 1, "page %u in %u maps", i,
		      n);
	/* detaching inside takes it away outside, also what was mapped already */
	check_ok(rm_detach(level[0].rm.cap, PAGE));
	dataspace_cap_t fresh;
	check_ok(ram_alloc(test_env, SIZE, &fresh));
	check_ok(put(&level[0], fresh, PAGE));
	for (unsigned i = 0; i < PAGES; i++)
		check(!word_at(at + (n + i) * PAGE), "page %u is still seen", i);
	ram_detach(test_env, (void *)at);
	for (unsigned i = 0; i < LEVELS; i++)
		level_close(&level[i]);
	ram_free(test_env, fresh);
	ram_free(test_env, ds);
}

static enum error put_page(struct level *in, struct level const *what,
                           uint64_t at)
{
	uint64_t got;
	return rm_attach(in->rm.cap, what->ds, at, 0, PAGE, RM_FIXED, &got);
}

static void cycles(void)
{
	struct level a, b, c;
	level_open(&a);
	level_open(&b);
	level_open(&c);
	check_error(put_page(&a, &a, 0), ERROR_LIMIT);
	check_ok(put_page(&b, &a, 0));
	check_ok(put_page(&c, &b, 0));
	check_error(put_page(&a, &b, 0), ERROR_LIMIT);
	check_error(put_page(&a, &c, 0), ERROR_LIMIT);
	check_error(put_page(&b, &c, PAGE), ERROR_LIMIT);
	/* once it is no cycle any more, it is allowed */
	check_ok(rm_detach(b.rm.cap, 0));
	check_ok(put_page(&a, &c, 0));
	check_error(put_page(&b, &a, PAGE), ERROR_LIMIT);
	/* a map dies in the middle of others */
	level_close(&b);
	check_error(rm_detach(b.rm.cap, 0), ERROR_INVALID);
	level_close(&a);
	level_close(&c);
}

/** A session pays for its regions: when it is poor, it says so */
static void poor_session(void)
{
	struct level level;
	dataspace_cap_t const ds = numbered();
	struct pd_account const before = test_account();
	level_open(&level);
	enum error error = ERROR_OK;
	unsigned n = 0;
	while (n < 256 && !(error = put(&level, ds, n * SIZE % (1 << 20)))) {
		if (++n % 32 == 0)
			check_error(put(&level, ds, 0), ERROR_CONFLICT);
		if (n == 32)
			break;
	}
	check(n == 32, "%u regions: %s", n, error_text(error));
	while (n)
		check_ok(rm_detach(level.rm.cap, --n * SIZE));
	for (; n < 4000; n++) {
		error = rm_attach(level.rm.cap, ds, n % 256 * PAGE, 0, PAGE, RM_FIXED,
		                  &(uint64_t) { 0 });
		if (error)
			break;
	}
	check(error == ERROR_DONATE_RAM || error == ERROR_CONFLICT, "%s",
	      error_text(error));
	level_close(&level);
	check(test_account().ram_used == before.ram_used, "the donation is lost");
	ram_free(test_env, ds);
}

/* -- a detached region is gone on every CPU when detach returned -- */

static uint64_t          window;         /* 0: nobody looks */
static bool              looking[4];     /* by worker */
static bool volatile     stop;

static void watch(struct worker *worker)
{
	bool *const looks = &looking[worker->index];
	while (!stop) {
		__atomic_store_n(looks, true, __ATOMIC_SEQ_CST);
		uint64_t const at = __atomic_load_n(&window, __ATOMIC_SEQ_CST);
		if (at) {
			uint64_t const seen = word_at(at);
			check(seen < 3, "saw %lx", seen);
			__atomic_add_fetch(&worker->count, 1, __ATOMIC_SEQ_CST);
		}
		__atomic_store_n(looks, false, __ATOMIC_SEQ_CST);
	}
}

/** From here on nobody looks, not even who began before */
static void close_window(void)
{
	__atomic_store_n(&window, 0, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < 4; i++)
		wait_for(!__atomic_load_n(&looking[i], __ATOMIC_SEQ_CST),
		         "a worker does not come back");
}

/** Two memories take turns behind one managed page; never the wrong one */
static void exchange(void)
{
	static struct worker workers[4];
	struct level level;
	dataspace_cap_t one, two;
	void *p, *q;
	uint64_t at;
	level_open(&level);
	check_ok(ram_alloc(test_env, PAGE, &one));
	check_ok(ram_alloc(test_env, PAGE, &two));
	check_ok(ram_attach(test_env, one, true, &p));
	check_ok(ram_attach(test_env, two, true, &q));
	*(uint64_t volatile *)p = 1;
	*(uint64_t volatile *)q = 2;
	check_ok(rm_attach(test_env->rm, level.ds, 0, 0, PAGE, RM_READ, &at));
	check_ok(put(&level, one, 0));
	stop = false;
	window = at;
	workers_open(workers, 4, 32, watch);
	for (unsigned i = 0; i < test_rounds(60); i++) {
		/* a fault between the two finds nothing: let nobody look then */
		close_window();
		uint64_t const seen = workers[i % 4].count;
		check_ok(rm_detach(level.rm.cap, 0));
		check_ok(put(&level, i % 2 ? one : two, 0));
		check(word_at(at) == (i % 2 ? 1 : 2), "the former memory is seen");
		__atomic_store_n(&window, at, __ATOMIC_SEQ_CST);
		wait_for(__atomic_load_n(&workers[i % 4].count, __ATOMIC_SEQ_CST) != seen,
		         "nobody looks");
	}
	stop = true;
	workers_join(workers, 4);
	ram_detach(test_env, (void *)at);
	level_close(&level);
	ram_detach(test_env, p);
	ram_detach(test_env, q);
	ram_free(test_env, one);
	ram_free(test_env, two);
}

static struct test_step const steps[] = {
	{ "conflicts", conflicts }, { "arguments", arguments },
	{ "stress", stress }, { "nesting", nesting }, { "cycles", cycles },
	{ "poor session", poor_session }, { "exchange", exchange },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
