/* SPDX-License-Identifier: MIT */
/* What base library, core and init make of it */

#include <base/entrypoint.h>
#include <base/heap.h>
#include <rpc/parent.h>
#include <session/cpu.h>
#include <session/log.h>
#include <session/pd.h>
#include <session/rm.h>
#include <session/rom.h>
#include "framework.h"

static enum error bench_memory(struct env *env)
{
	enum { PAGES = 512 };
	dataspace_cap_t ds, one;
	void *at;

	enum error error = ram_alloc(env, 4096, &one);
	if (!error)
		error = ram_alloc(env, PAGES * 4096, &ds);
	if (error)
		return error;
	BENCH("attach_detach", 100, 1000,
	      if (!error) error = ram_attach(env, one, true, &at);
	      if (!error) ram_detach(env, at));
	ram_free(env, one);
	BENCH("ram_alloc_free", 100, 1000,
	      if (!error) error = ram_alloc(env, 4096, &one);
	      if (!error) ram_free(env, one));

	if (!error)
		error = ram_attach(env, ds, true, &at);
	if (error)
		return error;
	struct sample sample = { 0 };
	for (unsigned i = 0; i < PAGES; i++) {
		char volatile *const byte = (char *)at + i * 4096;
		sample_begin(&sample);
		*byte = 1;
		sample_end(&sample);
	}
	sample_print("fault_core", &sample);
	ram_detach(env, at);
	ram_free(env, ds);
	return ERROR_OK;
}

static enum error bench_sessions(struct env *env)
{
	struct log_session log;
	struct bench_session server;
	enum error error = ERROR_OK;

	BENCH("session_log", 10, 100,
	      if (!error) error = log_open(&log, env, NULL);
	      if (!error) log_close(&log));
	BENCH("session_server", 10, 100,
	      if (!error) error = bench_open(&server, env, NULL);
	      if (!error) bench_close(&server));
	if (!error)
		error = log_open(&log, env, NULL);
	BENCH("log_write_1", 10, 50, if (!error) error = log_write(log.cap, "."));
	BENCH("log_write_40", 10, 100, if (!error) error =
	      log_write(log.cap, "....:....1....:....2....:....3....:....\n"));
	log_close(&log);
	return error;
}

/* -- a child without init: the bench is its parent -- */

struct child {
	struct rpc_object  parent;
	struct pd_session  pd;
	struct cpu_session cpu;
	struct env        *env;
	struct rom_session binary;
	struct sample      start, destroy;
	struct pd_account  used;
	unsigned           rounds;
	struct signal_handler next;
	void             (*done)(struct env *env);
};

static struct child child;

enum { CHILD_ROUNDS = 12, CHILD_RAM = 256 * 1024, CHILD_CAPS = 40 };

static enum error child_open(struct child *c)
{
	log_cap_t const no_log = { 0 };
	parent_cap_t const parent = { c->parent.cap };
	sample_begin(&c->start);
	enum error error = pd_open(&c->pd, c->env, &(struct session_args) {
		.label = "child" });
	if (!error) error = cpu_open(&c->cpu, c->env, NULL);
	if (!error) error = pd_reference(c->pd.cap, c->env->pd);
	if (!error) error = pd_transfer(c->env->pd, c->pd.cap, CHILD_RAM, CHILD_CAPS);
	if (!error) error = pd_start(c->pd.cap, c->cpu.cap, parent, no_log,
	                             c->binary.cap);
	return error;
}

static enum error child_exit(struct rpc_object *object, int value)
{
	/* the child sends the low bits of its clock; the rest has not changed */
	uint64_t const now  = __builtin_ia32_rdtsc();
	uint64_t const then = now - ((now - (uint64_t)value) & 0x7fffffff);
	struct sample *const s = &child.start;
	uint64_t const ticks = then - s->start;
	if (child.rounds++) {
		s->sum += ticks;
		s->min  = s->count && s->min < ticks ? s->min : ticks;
		s->max  = s->max > ticks ? s->max : ticks;
		s->count++;
	}
	enum error const error = pd_account(child.pd.cap, &child.used);
	return error ? error : signal_submit(child.next.cap);
}

static struct parent_ops const parent_ops = { .exit = child_exit };

/** What a component has that does nothing but say so */
static void print_amount(char const *name, uint64_t amount)
{
	sample_print(name, &(struct sample) {
		.count = 1, .sum = amount, .min = amount, .max = amount });
}

static void child_next(struct signal_handler *handler, uint64_t count)
{
	enum error error = ERROR_OK;
	sample_begin(&child.destroy);
	cpu_close(&child.cpu);
	pd_close(&child.pd);
	sample_end(&child.destroy);
	if (child.rounds < CHILD_ROUNDS)
		error = child_open(&child);
	if (error)
		log_error("child: %s", error_text(error));
	if (!error && child.rounds < CHILD_ROUNDS)
		return;
	sample_print("child_start", &child.start);
	sample_print("child_destroy", &child.destroy);
	print_amount("child_ram_bytes", child.used.ram_used);
	print_amount("child_caps", child.used.caps_used);
	child.done(child.env);
}

static enum error bench_child(struct env *env)
{
	child.env         = env;
	child.next.handle = child_next;
	parent_object_init(&child.parent, &parent_ops);
	enum error error = rom_open(&child.binary, env,
		&(struct session_args) { .label = "bench_child" });
	if (!error) error = rpc_object_open(&child.parent, env->ep);
	if (!error) error = signal_handler_open(&child.next, env->ep);
	if (!error) error = child_open(&child);
	return error;
}

enum error bench_base(struct env *env, bench_cap_t bench,
                      void (*done)(struct env *env))
{
	enum error error = ERROR_OK;
	uint64_t sum = 0;
	child.done = done;

	BENCH("rpc", 1000, 10000, if (!error) error = bench_add(bench, 1, 2, &sum));
	if (!error && sum != 3)
		error = ERROR_CORRUPT;
	if (!error) error = bench_memory(env);
	if (!error) error = bench_sessions(env);
	if (!error) error = bench_child(env);
	return error;
}
