/* SPDX-License-Identifier: MIT */
/*
 * Property: each submission counts once, however fast they come and however
 * lazy the receiver is; handlers of one entrypoint never run at once; a closed
 * handler never runs, nor does one whose entrypoint was closed; calls and
 * signals do not starve each other; many signals are as good as one; a timeout
 * comes once, not before its time.
 */

/* public */
#include <util/container_of.h>

/* local */
#include "test.h"

enum { MANY = 120, SENDERS = 8, EACH = 3000 };

/** Handler that counts; served by an entrypoint */
struct counter {
	struct signal_handler handler;
	uint64_t volatile     sum, runs;
};

static struct entrypoint *ep;
static struct rpc_object  control;
static struct counter     counters[MANY];
static unsigned volatile  inside;

static void count_up(struct signal_handler *handler, uint64_t count)
{
	struct counter *const counter =
		container_of(handler, struct counter, handler);
	check(!inside, "two handlers at a time");
	inside = 1;
	check(count >= 1, "a signal that nobody sent");
	check(handler->ep, "a closed handler runs");
	counter->sum += count;
	counter->runs++;
	inside = 0;
}

/** Runs in the entrypoint: open (1) or close (0) counters [first, last) */
static enum error set_counters(struct rpc_object *object, struct rpc_message *m)
{
	for (uint64_t i = m->word[1]; i < m->word[2]; i++) {
		if (!m->word[0]) {
			signal_handler_close(&counters[i].handler);
			continue;
		}
		counters[i] = (struct counter) { .handler.handle = count_up };
		check_ok(signal_handler_open(&counters[i].handler, ep));
	}
	m->words = 0;
	return ERROR_OK;
}

static void set(uint64_t open, uint64_t first, uint64_t last)
{
	struct rpc_message m = { .words = 3, .word = { open, first, last } };
	check_ok(rpc_call(control.cap, &m, 0));
}

static void open(uint32_t cpu, uint64_t count)
{
	ep = server_open("receiver", cpu, 0);
	server_object(&control, ep, set_counters);
	set(1, 0, count);
}

static void close(uint64_t count)
{
	set(0, 0, count);
	entrypoint_close(ep);
}

/* -- fast senders -- */

static void send(struct worker *worker)
{
	for (unsigned i = 0; i < EACH; i++)
		check_ok(signal_submit(counters[0].handler.cap));
}

static void fast_senders(void)
{
	static struct worker workers[SENDERS];
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(cpu, 1);
		workers_open(workers, SENDERS, 0, send);
		workers_join(workers, SENDERS);
		wait_for(counters[0].sum == SENDERS * EACH, "%lu of %u came",
		         counters[0].sum, SENDERS * EACH);
		test_sleep(500);
		check(counters[0].sum == SENDERS * EACH, "more than were sent");
		close(1);
	}
}

/* -- lazy receiver: a thread that looks now and then -- */

static signal_cap_t     lazy_signal[3];
static uint64_t volatile lazy_sum[3];
static bool volatile    lazy_ready, stop;

static void lazy(struct worker *worker)
{
	for (unsigned i = 0; i < 3; i++)
		check_ok(thread_signal(test_env, &lazy_signal[i]));
	lazy_ready = true;
	while (!stop) {
		/* in an order that has nothing to do with their coming */
		for (unsigned i = 3; i--; ) {
			uint64_t const count = signal_wait(lazy_signal[i]);
			check(count >= 1, "woken by nothing");
			lazy_sum[i] += count;
		}
		test_sleep(2000);
	}
	for (unsigned i = 0; i < 3; i++)
		thread_signal_close(test_env, &lazy_signal[i]);
}

static void lazy_receiver(void)
{
	static struct worker worker[2];
	stop = lazy_ready = false;
	lazy_sum[0] = lazy_sum[1] = lazy_sum[2] = 0;
	workers_open(worker, 1, 0, lazy);
	wait_for(lazy_ready, "the receiver is not ready");
	for (unsigned i = 0; i < 2000; i++)
		for (unsigned k = 0; k < 3; k++)
			check_ok(signal_submit(lazy_signal[k]));
	for (unsigned k = 0; k < 3; k++)
		wait_for(lazy_sum[k] >= 2000, "signal %u: %lu of 2000", k,
		         lazy_sum[k]);
	for (unsigned k = 0; k < 3; k++)
		check(lazy_sum[k] == 2000, "signal %u: mixed up: %lu", k,
		      lazy_sum[k]);
	stop = true;
	for (unsigned k = 0; k < 3; k++)
		check_ok(signal_submit(lazy_signal[k]));
	workers_join(worker, 1);
}

/* -- nested: a handler submits, waits for another signal, calls a server -- */

static struct counter    outer, inner;
static struct entrypoint *inner_ep;
static signal_cap_t      inner_done;

static void on_inner(struct signal_handler *handler, uint64_t count)
{
	inner.sum += count;
	check_ok(signal_submit(inner_done));
}

static void on_outer(struct signal_handler *handler, uint64_t count)
{
	static unsigned depth;
	check(!depth++, "a handler interrupts itself");
	signal_cap_t own;
	check_ok(thread_signal(test_env, &own));
	inner_done = own;
	for (unsigned i = 0; i < 20; i++) {
		/* to oneself: pending until this handler is done */
		check_ok(signal_submit(counters[1].handler.cap));
		check_ok(signal_submit(inner.handler.cap));
		check(signal_wait(own) == 1, "the inner one did not answer");
		check(!counters[1].sum, "dispatched inside of a handler");
	}
	thread_signal_close(test_env, &own);
	depth--;
	outer.sum += count;
}

static void nested(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(0, 2);
		inner_ep = server_open("inner", cpu, 0);
		outer = (struct counter) { .handler.handle = on_outer };
		inner = (struct counter) { .handler.handle = on_inner };
		check_ok(signal_handler_open(&outer.handler, ep));
		check_ok(signal_handler_open(&inner.handler, inner_ep));
		check_ok(signal_submit(outer.handler.cap));
		wait_for(outer.sum == 1, "the outer handler did not end");
		wait_for(counters[1].sum == 20, "%lu of 20 came afterwards",
		         counters[1].sum);
		check(inner.sum == 20, "%lu inner ones", inner.sum);
		signal_handler_close(&outer.handler);
		signal_handler_close(&inner.handler);
		entrypoint_close(inner_ep);
		close(2);
	}
}

/* -- destruction while pending, many contexts -- */

static void many(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		uint64_t seed = 7, sent[MANY] = { 0 };
		open(cpu, MANY);
		for (unsigned i = 0; i < 5000; i++) {
			uint64_t const k = test_random(&seed) % MANY;
			check_ok(signal_submit(counters[k].handler.cap));
			sent[k]++;
		}
		for (unsigned k = 0; k < MANY; k++)
			wait_for(counters[k].sum == sent[k], "signal %u: %lu of %lu",
			         k, counters[k].sum, sent[k]);
		close(MANY);
	}
}

/** Closed in the entrypoint while dozens are pending: none of them runs */
static void destruction(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(cpu, MANY);
		for (unsigned round = 0; round < 30; round++) {
			signal_cap_t former[MANY];
			for (unsigned k = 0; k < MANY; k++) {
				former[k] = counters[k].handler.cap;
				check_ok(signal_submit(former[k]));
			}
			set(0, MANY / 2, MANY);
			for (unsigned k = 0; k < MANY; k++) {
				enum error const error = signal_submit(former[k]);
				check(error == (k < MANY / 2 ? ERROR_OK : ERROR_GONE),
				      "signal %u: %s", k, error_text(error));
			}
			for (unsigned k = 0; k < MANY / 2; k++)
				wait_for(counters[k].sum == 2 * round + 2,
				         "signal %u: %lu in round %u", k,
				         counters[k].sum, round);
			set(1, MANY / 2, MANY);
		}
		close(MANY);
	}
}

/** Closed with their entrypoint, pending or not; as good as new afterwards */
static void entrypoint_closed(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		signal_cap_t former[MANY];
		open(cpu, MANY);
		set(0, MANY / 4, MANY / 2);    /* in the midst of the others */
		for (unsigned k = 0; k < MANY; k++) {
			former[k] = counters[k].handler.cap;
			if (k % 2 && former[k].cap)
				check_ok(signal_submit(former[k]));
		}
		entrypoint_close(ep);
		for (unsigned k = 0; k < MANY; k++) {
			struct signal_handler *const handler = &counters[k].handler;
			check(!handler->ep && !handler->cap.cap,
			      "handler %u is open", k);
			if (former[k].cap)
				check_error(signal_submit(former[k]), ERROR_GONE);
			signal_handler_close(handler);  /* changes nothing */
		}
		ep = server_open("successor", cpu + 1, 0);
		server_object(&control, ep, set_counters);
		set(1, 0, MANY);
		for (unsigned k = 0; k < MANY; k++)
			check_ok(signal_submit(counters[k].handler.cap));
		for (unsigned k = 0; k < MANY; k++)
			wait_for(counters[k].sum == 1, "signal %u: %lu", k,
			         counters[k].sum);
		entrypoint_close(ep);
	}
}

/** Who waits for a signal that is destroyed comes back with nothing */
static void wait_lazy(struct worker *worker)
{
	signal_cap_t own;
	check_ok(thread_signal(test_env, &own));
	lazy_signal[0] = own;
	lazy_ready = true;
	check(!signal_wait(own), "a count out of nothing");
	check(!signal_wait(own), "a count of a dead signal");
}

static void destroyed_under_waiter(void)
{
	static struct worker workers[2];
	for (unsigned i = 0; i < 10; i++) {
		lazy_ready = false;
		workers_open(workers, 1, 0, wait_lazy);
		wait_for(lazy_ready, "the waiter does not come");
		test_sleep(200);
		thread_signal_close(test_env, &lazy_signal[0]);
		workers_join(workers, 1);
	}
}

/* -- calls and signals at the same entrypoint -- */

static uint64_t volatile calls;

static enum error count_call(struct rpc_object *object, struct rpc_message *m)
{
	check(!inside, "a call inside of a handler");
	calls++;
	m->words = 0;
	return ERROR_OK;
}

static struct rpc_object called;

static void flood(struct worker *worker)
{
	uint64_t word = 0;
	while (!stop) {
		if (worker->index / test_cpus % 2)
			check_ok(server_call(called.cap, &word));
		else
			check_ok(signal_submit(counters[0].handler.cap));
		worker->count++;
	}
}

static void calls_and_signals(void)
{
	static struct worker workers[SENDERS];
	stop = false;
	calls = 0;
	open(1, 1);
	server_object(&called, ep, count_call);
	/* as urgent as the entrypoint: less urgent ones may never get their turn */
	workers_open(workers, SENDERS, 0, flood);
	wait_for(calls > 50 && counters[0].runs > 50, "%lu calls, %lu signals",
	         calls, counters[0].runs);
	stop = true;
	workers_join(workers, SENDERS);
	uint64_t sent = 0;
	for (unsigned i = 0; i < SENDERS; i++)
		if (!(i / test_cpus % 2))
			sent += workers[i].count;
	wait_for(counters[0].sum == sent, "%lu of %lu came", counters[0].sum, sent);
	close(1);
}

/* -- timeouts -- */

static void timeouts(void)
{
	open(1, MANY);
	uint64_t const start = clock_us();
	for (unsigned k = 0; k < MANY; k++) /* the later ones first */
		check_ok(signal_handler_at(&counters[k].handler,
		                           start + (MANY - k) * 200));
	/* replaced by an earlier one, cancelled, in the past */
	check_ok(signal_handler_at(&counters[0].handler, start + 10));
	check_ok(signal_handler_at(&counters[1].handler, ~0ul));
	check_ok(signal_handler_at(&counters[2].handler, 0));
	/* a slow machine may have let their first ones pass before */
	bool const late = clock_us() >= start + (MANY - 2) * 200;
	for (unsigned k = MANY; k--; )
		if (k != 1) {
			wait_for(counters[k].sum, "timeout %u did not come", k);
			check(k < 3 || clock_us() >= start + (MANY - k) * 200,
			      "timeout %u came too early", k);
		}
	test_sleep(2000);
	for (unsigned k = 0; k < MANY; k++)
		check(counters[k].sum == (k != 1)
		      || (late && k < 3 && counters[k].sum == (k != 1) + 1u),
		      "timeout %u came %lu times", k, counters[k].sum);
	/* destroyed while it is set */
	for (unsigned k = 0; k < MANY; k++)
		check_ok(signal_handler_at(&counters[k].handler,
		                           clock_us() + 500 + k * 10));
	close(MANY);
	test_sleep(3000);
}

static struct test_step const steps[] = {
	{ "fast senders", fast_senders }, { "lazy receiver", lazy_receiver },
	{ "nested", nested }, { "many", many }, { "destruction", destruction },
	{ "entrypoint closed", entrypoint_closed },
	{ "destroyed under a waiter", destroyed_under_waiter },
	{ "calls and signals", calls_and_signals }, { "timeouts", timeouts },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
