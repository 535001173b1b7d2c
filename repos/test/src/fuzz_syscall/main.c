/* SPDX-License-Identifier: MIT */
/*
 * Fuzzer of the system calls that every component may do
 *
 * Threads on all CPUs call at random with nearly valid arguments, answer each
 * other, and exchange capabilities with a peer in another domain, so that their
 * name table fills and kernel memory runs out until it is refilled. Meanwhile
 * their portals, signals and threads are destroyed and made anew. Before and after
 * that, each answer is brought about on purpose (directed.c). In the end each
 * answer that a call can give must have been seen, and no other one.
 *
 *   config | seed: 1 | calls: 100000 | all_names: yes
 *
 * 'all_names: no' leaves out what takes each name that a table has room for.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <session/cpu.h>
#include <session/fuzz.h>
#include <session/pd.h>
#include <util/minmax.h>
#include "fuzz.h"

enum { TICK_US = 2000, STUCK = 40, KILL_EVERY = 16,
       PRIORITY_WORKER = 40, PRIORITY_FEEDER = 50, MAX_HOARD = 4000,
       NAMES_A_REFILL = 128, SCARCE = 8, LONG = 300000 };

static struct env          *the_env;
static struct fuzz_session  peer;
static struct feeder        feeders[MAX_CPUS];
static struct random        chance;
static uint64_t             seed, target, ticks, started, kills;

static void check(enum error error, char const *what)
{
	if (error)
		log_error("%s: %s", what, error_text(error));
}

/* -- objects of workers -- */

static void new_portal(struct worker *w, uint32_t i)
{
	object_cap_t portal;
	enum error error = pd_portal_create(the_env->pd, w->thread.cap, i, &portal);
	if (!error) {
		w->portal[i] = portal.cap;
		names[NAMES / 4 + random_below(&chance, NAMES / 4)] = portal.cap;
		if (!i && w >= workers && w < workers + WORKERS)
			error = fuzz_target(peer.cap, w->index, portal);
	}
	check(error, "portal");
}

static void new_signal(struct worker *w, uint32_t i)
{
	signal_cap_t signal;
	enum error const error =
		pd_signal_create(the_env->pd, w->thread.cap, i, &signal);
	if (!error) {
		w->signal[i] = signal.cap;
		names[NAMES / 2 + random_below(&chance, NAMES / 4)] = signal.cap;
	}
	check(error, "signal");
}

static void destroy(cap_t name)
{
	object_cap_t const object = { name };
	check(pd_object_destroy(the_env->pd, object), "destroy");
}

enum error worker_open(struct worker *w, void (*entry)(struct thread *))
{
	enum error const error = thread_open(&w->thread, the_env,
		&(struct thread_args) { .entry = entry, .name = "worker",
		.cpu = w->cpu, .priority = PRIORITY_WORKER });
	if (error)
		return error;
	for (uint32_t i = 0; i < PORTALS; i++)
		new_portal(w, i);
	for (uint32_t i = 0; i < SIGNALS; i++)
		new_signal(w, i);
	return ERROR_OK;
}

/** Half of the times its portals and signals die with it, first */
static void restart_worker(struct worker *w)
{
	bool const first = random_once(&chance, 2);
	cap_t old[PORTALS + SIGNALS];
	for (uint32_t i = 0; i < PORTALS + SIGNALS; i++)
		old[i] = i < PORTALS ? w->portal[i] : w->signal[i - PORTALS];
	for (uint32_t i = 0; first && i < PORTALS + SIGNALS; i++)
		destroy(old[i]);
	thread_close(&w->thread);
	for (uint32_t i = 0; !first && i < PORTALS + SIGNALS; i++)
		destroy(old[i]);
	w->stuck = 0;
	kills++;
	check(worker_open(w, worker_run), "thread");
}

static void replace_object(struct worker *w)
{
	uint32_t const i = random_below(&chance, PORTALS + SIGNALS);
	if (i < PORTALS) {
		destroy(w->portal[i]);
		new_portal(w, i);
	} else {
		destroy(w->signal[i - PORTALS]);
		new_signal(w, i - PORTALS);
	}
}

/* -- supervision -- */

static uint64_t total(void)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < n_workers; i++)
		sum += workers[i].calls;
	return sum;
}

static void look_after(struct worker *w)
{
	w->stuck = w->seen == w->calls ? w->stuck + 1 : 0;
	w->seen  = w->calls;
	if (w->stuck > STUCK)
		restart_worker(w);
}

/** A line at each tenth of a long run */
static void progress(uint64_t calls)
{
	static uint64_t tenths;
	if (target < LONG || calls * 10 / target <= tenths)
		return;
	tenths = calls * 10 / target;
	log_info("%lu calls, %lu killed, %u names, %lu ms", calls, kills, hoarded,
	         (clock_us() - started) / 1000);
}

static void finish(uint64_t calls)
{
	for (uint32_t i = 0; i < MAX_CPUS; i++)
		thread_close(&feeders[i].thread);
	for (uint32_t i = 0; i < n_workers; i++)
		thread_close(&workers[i].thread);
	bool const all_names = hid_bool(the_env->config, "all_names", true);
	if (all_names)
		check(directed_end(the_env), "taking all names");
	unsigned const bad = table_judge(all_names);
	log_info("seed %lu: %lu calls of %u threads, %lu killed, in %lu ms", seed,
	         calls, n_workers, kills, (clock_us() - started) / 1000);
	fuzz_close(&peer);
	component_exit(the_env, bad ? ERROR_CORRUPT : ERROR_OK);
}

/** The more calls, the more names are kept; but first there is no memory for them */
static void keep_more(uint64_t calls)
{
	static uint32_t refills;
	hoard_limit = (uint32_t)(calls * MAX_HOARD / target);
	if (calls < target / SCARCE || refills * NAMES_A_REFILL > hoard_limit)
		return;
	if (!refills++)
		check(directed_give_back(the_env), "give back");
	check(pd_kernel_refill(the_env->pd), "refill");
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	uint64_t const calls = total();
	if (calls >= target) {
		finish(calls);
		return;
	}
	progress(calls);
	keep_more(calls);
	for (uint32_t i = 0; i < n_workers; i++)
		look_after(&workers[i]);
	struct worker *const w = &workers[random_below(&chance, n_workers)];
	if (++ticks % KILL_EVERY)
		replace_object(w);
	else
		restart_worker(w);
	check(signal_handler_at(handler, clock_us() + TICK_US), "timer");
}

static struct signal_handler timer = { .handle = tick };

/* -- start -- */

static void put_names(void)
{
	cap_t const own[] = { the_env->pd.cap, the_env->cpu.cap, the_env->rm.cap,
	                      the_env->parent.cap, peer.cap.cap };
	for (uint32_t i = 0; i < NAMES / 4; i++)
		names[3 * (NAMES / 4) + i] = own[i % (sizeof own / sizeof *own)];
}

static enum error ask_peer(uint32_t cpus, cap_t *servers)
{
	enum error error = ERROR_OK;
	for (uint32_t i = 0; i < cpus && !error; i++) {
		object_cap_t portal = { 0 };
		error = fuzz_portal(peer.cap, i, &portal);
		servers[i] = portal.cap;
		for (uint32_t k = 0; k < 4; k++)
			names[NAMES - 1 - 4 * i - k] = portal.cap;
	}
	return error;
}

static enum error open_threads(uint32_t cpus)
{
	enum error error = ERROR_OK;
	n_workers = min(max(2 * cpus, 6u), (uint32_t)WORKERS);
	for (uint32_t i = 0; i < n_workers; i++) {
		workers[i].index = i;
		workers[i].cpu   = i % cpus;
		random_seed(&workers[i].random, seed * WORKERS + i);
	}
	for (uint32_t i = 0; i < n_workers && !error; i++)
		error = worker_open(&workers[i], worker_run);
	for (uint32_t i = 0; i < cpus && !error; i++) {
		feeders[i].cpu = i;
		error = thread_open(&feeders[i].thread, the_env,
			&(struct thread_args) { .entry = feeder_run,
			.name = "feeder", .cpu = i, .priority = PRIORITY_FEEDER });
	}
	return error;
}

enum error component_construct(struct env *env)
{
	uint32_t cpus = 1;
	cap_t servers[MAX_CPUS];
	the_env = env;
	seed    = hid_uint(env->config, "seed", 1);
	target  = hid_uint(env->config, "calls", 100000);
	random_seed(&chance, ~seed);
	log_info("seed %lu, %lu calls", seed, target);

	enum error error = fuzz_open(&peer, env, NULL);
	if (!error) error = cpu_count(env->cpu, &cpus);
	if (!error) error = signal_handler_open(&timer, env->ep);
	cpus = min(cpus, (uint32_t)MAX_CPUS);
	put_names();
	started = clock_us();
	if (!error) error = ask_peer(cpus, servers);
	if (!error) error = directed_begin(env, cpus, servers);
	if (!error) error = open_threads(cpus);
	if (!error) error = signal_handler_at(&timer, clock_us() + TICK_US);
	return error;
}
