/* SPDX-License-Identifier: MIT */
/*
 * Property: threads can be made until an account or the limit of a domain is
 * exhausted, which is an error and nothing else; they can be ended in every
 * state; a paused thread does not run; all they had comes back.
 */

/* public */
#include <base/heap.h>
#include <util/container_of.h>

/* local */
#include "test.h"

enum { MANY = 70, LIMIT = 64, CPUS = 4 };

static struct thread  threads[MANY];
static uint64_t volatile progress[MANY];

static unsigned number_of(struct thread *thread)
{
	return (unsigned)(thread - threads);
}

/* -- what threads do -- */

static void leave(struct thread *thread)
{
	progress[number_of(thread)]++;
}

static void halt(struct thread *thread)
{
	progress[number_of(thread)]++;
	signal_wait((signal_cap_t) { 0 });
}

static void spin(struct thread *thread)
{
	uint64_t volatile *const own = &progress[number_of(thread)];
	for (;;) {
		++*own;
		__builtin_ia32_pause();
	}
}

static signal_cap_t signals[MANY];

static void wait_signal(struct thread *thread)
{
	signal_cap_t *const signal = &signals[number_of(thread)];
	check_ok(thread_signal(test_env, signal));
	progress[number_of(thread)]++;
	signal_wait(*signal);
	check(false, "woken by nobody");
}

static struct rpc_object slow;

static enum error never(struct rpc_object *object, struct rpc_message *m)
{
	progress[0]++;
	signal_wait((signal_cap_t) { 0 });
	return ERROR_OK;
}

static void call_slow(struct thread *thread)
{
	uint64_t word = 0;
	progress[number_of(thread)]++;
	error_ignore(server_call(slow.cap, &word), "does not return");
	check(false, "a call returned that nobody answered");
}

static struct mutex mutex;

static void want_mutex(struct thread *thread)
{
	progress[number_of(thread)]++;
	mutex_lock(&mutex);
	check(false, "got a mutex that is taken");
}

static void fault(struct thread *thread)
{
	progress[number_of(thread)]++;
	char volatile *volatile nowhere = (char volatile *)8;
	*nowhere = 1;
	check(false, "wrote to address 8");
}

static void keep_calling(struct thread *thread)
{
	for (;;)
		error_ignore(cpu_count(test_env->cpu, &(uint32_t) { 0 }), "any call");
}

/* -- steps -- */

static enum error start(struct env *env, unsigned i, void (*entry)(struct thread *),
                        uint32_t cpu)
{
	progress[i] = 0;
	return thread_open(&threads[i], env, &(struct thread_args) {
		.entry = entry, .name = "tested", .cpu = cpu % test_cpus,
		.priority = 32 });
}

static void close_all(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		thread_close(&threads[i]);
}

/** As many as a domain may have; the one beyond is refused, and no other */
static void limit(void)
{
	unsigned n = 0;
	enum error error;
	while (n < MANY && !(error = start(test_env, n, halt, n)))
		n++;
	check(n == LIMIT - 1, "%u threads besides the first one", n);
	check_error(error, ERROR_LIMIT);
	for (unsigned i = 0; i < n; i++)
		wait_for(progress[i], "thread %u of %u never ran", i, n);
	thread_close(&threads[n / 2]);
	check_ok(start(test_env, n / 2, leave, 0));
	thread_join(&threads[n / 2]);
	close_all(n);
}

/** A domain without means gets an error for each that is missing */
static void accounts(void)
{
	struct pd_session pd;
	struct pd_account account;
	enum error error = ERROR_OK;
	check_ok(pd_open(&pd, test_env, NULL));
	thread_cap_t made[LIMIT];
	uint64_t utcb;
	unsigned n = 0;
	while (n < LIMIT && !(error = cpu_thread_create(test_env->cpu, pd.cap,
			"poor", 0, 64, &made[n], &utcb)))
		n++;
	check(n > 1 && n < LIMIT, "%u threads for the smallest donation", n);
	check(error == ERROR_NO_RAM || error == ERROR_NO_CAPS, "refused: %s",
	      error_text(error));
	check_ok(pd_account(pd.cap, &account));
	struct pd_account const full = account;
	check(cpu_thread_create(test_env->cpu, pd.cap, "poor", 0, 64, &made[n],
	                        &utcb) == error, "another error the second time");
	check_ok(pd_account(pd.cap, &account));
	check(full.ram_used == account.ram_used
	      && full.caps_used == account.caps_used, "a refusal costs something");
	check_ok(thread_kill(made[0]));
	cap_drop(made[0].cap);
	check_ok(cpu_thread_create(test_env->cpu, pd.cap, "again", 0, 64, &made[0],
	                           &utcb));
	for (unsigned i = 0; i < n; i++)
		cap_drop(made[i].cap);
	pd_close(&pd);
	for (unsigned i = 0; i < n; i++)
		check(!cap_alive(made[i].cap), "thread %u survived its domain", i);
}

/** Threads of one state on each CPU: how many */
static unsigned start_all(void (*entry)(struct thread *), struct env *env,
                          uint64_t enough)
{
	unsigned const count = test_cpus > 1 ? CPUS : 3 * CPUS;
	for (unsigned i = 1; i <= count; i++)
		check_ok(start(env, i, entry, i));
	for (unsigned i = 1; i <= count; i++)
		wait_for(progress[i] >= enough, "thread %u does not run", i);
	return count;
}

static void end_all(unsigned count)
{
	for (unsigned i = 1; i <= count; i++)
		thread_close(&threads[i]);
}

/** Ended while they are in it, or on their way */
static void teardown_of(void (*entry)(struct thread *), struct env *env,
                        uint64_t enough)
{
	unsigned const count = start_all(entry, env, enough);
	test_sleep(1000); /* let them get where they block */
	end_all(count);
}

static void teardown(void)
{
	teardown_of(wait_signal, test_env, 1);
	for (unsigned i = 0; i < MANY; i++) {
		/* bound to a dead thread, but ours as long as we like */
		check(!signals[i].cap || signal_submit(signals[i]) == ERROR_GONE
		      || cap_alive(signals[i].cap), "neither dead nor alive");
		thread_signal_close(test_env, &signals[i]);
	}
	teardown_of(spin, test_env, 100);
	teardown_of(halt, test_env, 1);
	teardown_of(leave, test_env, 1);
	teardown_of(keep_calling, test_env, 0); /* in calls of core, or on the way */

	mutex_lock(&mutex);
	teardown_of(want_mutex, test_env, 1);
	mutex = (struct mutex) { 0 }; /* its waiters are dead */
}

/** Callers of a server: the first is served, the others wait for it */
static void teardown_callers(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct entrypoint *const ep = server_open("never", cpu, 0);
		server_object(&slow, ep, never);
		progress[0] = 0;
		unsigned const count = start_all(call_slow, test_env, 1);
		wait_for(progress[0], "nobody is served");
		test_sleep(1000); /* let the others wait */
		end_all(count);
		check(progress[0] == 1, "%lu were served", progress[0]);
		entrypoint_close(ep);
		check(!cap_alive(slow.cap), "an object without entrypoint");
	}
}

/** The server is ended: its callers must come back with GONE */
static void expect_gone(struct thread *thread)
{
	uint64_t word = 0;
	progress[number_of(thread)]++;
	check_error(server_call(slow.cap, &word), ERROR_GONE);
	progress[number_of(thread)]++;
}

static void teardown_server(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct entrypoint *const ep = server_open("never", cpu, 0);
		server_object(&slow, ep, never);
		progress[0] = 0;
		for (unsigned i = 1; i <= 8; i++)
			check_ok(start(test_env, i, expect_gone, i));
		for (unsigned i = 1; i <= 8; i++)
			wait_for(progress[i], "caller %u does not run", i);
		wait_for(progress[0], "nobody is served");
		entrypoint_close(ep);
		for (unsigned i = 1; i <= 8; i++) {
			thread_join(&threads[i]);
			check(progress[i] == 2, "caller %u is at %lu", i, progress[i]);
			thread_close(&threads[i]);
		}
	}
}

/** In a CPU session of its own, so that our parent does not take it as ours */
static void teardown_faulted(void)
{
	struct cpu_session cpu;
	struct env env = *test_env;
	struct signal_handler handler = { 0 };
	struct cpu_fault info;
	char name[32];
	check_ok(cpu_open(&cpu, test_env, &(struct session_args) { .caps = 4 }));
	env.cpu = cpu.cap;
	check_ok(thread_signal(test_env, &handler.cap));
	check_ok(cpu_fault_handler(cpu.cap, handler.cap));

	unsigned const count = start_all(fault, &env, 1);
	for (uint64_t faults = 0; faults < count; )
		faults += signal_wait(handler.cap);
	end_all(count);
	check_error(cpu_fault(cpu.cap, &info, name), ERROR_AGAIN);

	check_ok(start(&env, 1, fault, 1));
	check(signal_wait(handler.cap) == 1, "not one signal for one fault");
	check_ok(cpu_fault(cpu.cap, &info, name));
	check(info.vector == 14 && info.address == 8, "fault %lu at %lx",
	      info.vector, info.address);
	check_error(cpu_fault(cpu.cap, &info, name), ERROR_AGAIN);
	thread_close(&threads[1]);

	check_ok(cpu_fault_handler(cpu.cap, (signal_cap_t) { 0 }));
	thread_signal_close(test_env, &handler.cap);
	cpu_close(&cpu);
}

/** Threads that were never started, and a domain that dies with all of them */
static void teardown_stopped(void)
{
	thread_cap_t thread;
	uint64_t utcb;
	check_ok(cpu_thread_create(test_env->cpu, test_env->pd, "stopped", 0, 64,
	                           &thread, &utcb));
	check_ok(thread_pause(thread));
	check_ok(thread_kill(thread));
	check(!cap_alive(thread.cap), "alive after its end");
	check_error(thread_kill(thread), ERROR_GONE);
	check_error(thread_start(thread, 0x1000, 0x1000, 0), ERROR_GONE);
	cap_drop(thread.cap);
}

/** A paused thread makes no step, wherever it is; a resumed one goes on */
static void pause_resume(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		check_ok(start(test_env, 1, spin, cpu));
		for (unsigned i = 0; i < test_rounds(30); i++) {
			uint64_t const before = progress[1];
			wait_for(progress[1] != before, "does not run, round %u", i);
			check_ok(thread_pause(threads[1].cap));
			uint64_t const at = progress[1];
			test_sleep(i % 10 ? 200 : 12000);
			check(progress[1] == at, "%lu steps while paused",
			      progress[1] - at);
			check_ok(thread_resume(threads[1].cap));
		}
		check_ok(thread_pause(threads[1].cap));
		thread_close(&threads[1]);
	}
}

/** Pause of a thread that waits: what comes meanwhile is there afterwards */
static signal_cap_t wanted;

static void wait_wanted(struct thread *thread)
{
	check_ok(thread_signal(test_env, &wanted));
	for (;;) {
		progress[number_of(thread)]++;
		check(signal_wait(wanted) > 0, "woken without a signal");
	}
}

static void pause_waiting(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		check_ok(start(test_env, 1, wait_wanted, cpu));
		for (uint64_t i = 1; i <= test_rounds(20); i++) {
			wait_for(progress[1] == i, "not waiting, round %lu", i);
			check_ok(thread_pause(threads[1].cap));
			check_ok(signal_submit(wanted));
			test_sleep(300);
			check(progress[1] == i, "ran while it was paused");
			check_ok(thread_resume(threads[1].cap));
		}
		wait_for(progress[1] == test_rounds(20) + 1, "the last signal is lost");
		thread_close(&threads[1]);
		thread_signal_close(test_env, &wanted);
	}
}

static void restart(void)
{
	for (unsigned i = 0; i < test_rounds(150); i++) {
		check_ok(start(test_env, 0, leave, i));
		thread_join(&threads[0]);
		check(progress[0] == 1, "ran %lu times", progress[0]);
		thread_close(&threads[0]);
		thread_close(&threads[0]);
	}
}

static struct test_step const steps[] = {
	{ "restart", restart }, { "limit", limit }, { "accounts", accounts },
	{ "teardown", teardown }, { "teardown of callers", teardown_callers },
	{ "teardown of a server", teardown_server },
	{ "teardown after faults", teardown_faulted },
	{ "teardown before start", teardown_stopped },
	{ "pause and resume", pause_resume }, { "pause while waiting", pause_waiting },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
