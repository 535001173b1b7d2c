/* SPDX-License-Identifier: MIT */
/*
 * Rules of TRACE: what is seen, recorded, refused and paid
 *
 * The component traces a thread of its own, which obeys and misbehaves. Steps
 * are logged as they pass; the first that fails ends the test.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/signal.h>
#include <base/thread.h>
#include <base/trace.h>
#include <os/trace_monitor.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <util/container_of.h>
#include <util/string.h>

enum { SIZE = 8192, SLOTS = SIZE / sizeof(struct trace_event) - 1 };

/* where core maps the buffer of the second thread: the worker may know */
#define WINDOW ((struct trace_buffer *)0x00007f8000010000ul)

static struct env          *the_env;
static struct trace_session trace, other;
static struct thread        worker;
static signal_cap_t         go, done;          /* the worker's, and ours */
static void               (*volatile job)(void);
static uint64_t volatile    laps;
static uint32_t             worker_id;

static bool step(char const *name, bool good)
{
	if (good)
		log_info("%s: good", name);
	else
		log_error("%s: not as expected", name);
	return good;
}

/* -- the worker -- */

static void work(struct thread *thread)
{
	error_ignore(thread_signal(the_env, &go), "the test waits for ever then");
	for (;;) {
		error_ignore(signal_submit(done), "own signal");
		signal_wait(go);
		if (!job)
			return;
		job();
	}
}

static void let_work(void (*what)(void))
{
	job = what;
	error_ignore(signal_submit(go), "own signal");
	signal_wait(done);
}

static void mark_few(void)
{
	for (unsigned i = 0; i < 10; i++)
		trace_mark("mark %u", i);
}

static void mark_many(void)
{
	for (unsigned i = 0; i < 3 * SLOTS; i++)
		trace_mark("mark %u", i);
}

static void call(void)
{
	uint32_t n;
	error_ignore(cpu_count(the_env->cpu, &n), "what counts is the call");
}

/** Nonsense all over the own buffer */
static void scribble(void)
{
	memset(WINDOW->event, 0xa5, SLOTS * sizeof(struct trace_event));
	WINDOW->slots = 3;
	WINDOW->head  = ~0ul - 5;
	trace_mark("still alive");
	WINDOW->slots = ~0ul / 64;
	WINDOW->head  = 100000;
}

static void mark_for_ever(void)
{
	error_ignore(signal_submit(done), "own signal");
	for (;;) {
		trace_mark("lap %lu", laps);
		laps = laps + 1;
	}
}

/* -- a monitor, for reading -- */

static uint64_t seen, calls, returns;
static char     last_text[TRACE_TEXT];

static uint32_t policy(struct trace_monitor *m, struct trace_subject const *s)
{
	return string_equal(s->name, "worker") ? TRACE_POLICY_ALL : 0;
}

static void event(struct trace_monitor *m, struct trace_subject *s,
                  struct trace_event const *e)
{
	seen++;
	calls   += e->kind == TRACE_CALL;
	returns += e->kind == TRACE_RETURN;
	if (e->kind == TRACE_MARK)
		string_copy_part(last_text, sizeof last_text, e->text, TRACE_TEXT - 1);
}

static struct trace_monitor_ops const ops = { .policy = policy, .event = event };
static struct trace_monitor monitor = { .ops = &ops, .size = SIZE };

static struct trace_subject *subject(void)
{
	list_for_each(&monitor.subjects, node) {
		struct trace_subject *const s =
			container_of(node, struct trace_subject, node);
		if (string_equal(s->name, "worker"))
			return s;
	}
	return NULL;
}

static void read_all(void)
{
	seen = calls = returns = 0;
	trace_monitor_read(&monitor);
}

/* -- steps -- */

/** Two threads, both ours; ids of others lead nowhere */
static bool subjects(void)
{
	char label[144], name[32];
	uint32_t id, found = 0;
	struct trace_info info;
	bool ours = true;
	while (trace_next(trace.cap, &id, label, name) != ERROR_NOT_FOUND) {
		found++;
		ours = ours && string_ends(label, "-> test-trace");
		if (string_equal(name, "worker"))
			worker_id = id;
	}
	uint32_t hidden = 0;
	for (id = 0; id < worker_id; id++)
		hidden += trace_info(trace.cap, id, &info) == ERROR_NOT_FOUND;
	return found == 2 && ours && hidden + 1 == worker_id
	    && !trace_info(trace.cap, worker_id, &info) && info.priority == 64
	    && !info.policy;
}

static bool refusals(void)
{
	dataspace_cap_t ds;
	trace_cap_t const t = trace.cap;
	return trace_start(t, worker_id, 1, 0, &ds) == ERROR_INVALID
	    && trace_start(t, worker_id, 1, 100, &ds) == ERROR_INVALID
	    && trace_start(t, worker_id, 1, 1ul << 40, &ds) == ERROR_INVALID
	    && trace_start(t, worker_id, 32, SIZE, &ds) == ERROR_INVALID
	    && trace_start(t, worker_id - 2, 1, SIZE, &ds) == ERROR_NOT_FOUND
	    && trace_start(t, 1, 1, SIZE, &ds) == ERROR_NOT_FOUND
	    && trace_start(t, worker_id, 1, TRACE_BUFFER_MAX, &ds) == ERROR_DONATE_RAM
	    && trace_stop(t, worker_id) == ERROR_NOT_FOUND;
}

/** The monitor has its own session, which is in ours way, and not beyond its end */
static bool conflict(void)
{
	dataspace_cap_t ds = { 0 };
	enum error error = trace_open(&other, the_env,
		&(struct session_args) { .ram = 32 * 1024, .caps = 4 });
	bool const good = !error
		&& !trace_start(other.cap, worker_id, 1, SIZE, &ds)
		&& !trace_start(other.cap, worker_id, 2, SIZE, &ds)
		&& trace_start(trace.cap, worker_id, 1, SIZE, &ds) == ERROR_CONFLICT;
	trace_close(&other);
	return good && !trace_monitor_update(&monitor) && subject()
	    && subject()->buffer;
}

static bool recorded(void)
{
	struct trace_subject *const s = subject();
	read_all();
	s->lost = 0;
	let_work(mark_few);
	read_all();
	bool good = seen >= 10 && !s->lost && string_equal(last_text, "mark 9");
	let_work(call);
	read_all();
	good = good && calls && calls == returns;
	let_work(mark_many);
	read_all();
	return good && seen == SLOTS && s->lost >= 2 * SLOTS - 1;
}

static bool policies(void)
{
	dataspace_cap_t ds;
	struct trace_session *const session = &monitor.session;
	enum error error = trace_start(session->cap, worker_id,
	                               TRACE_POLICY_CALL, SIZE, &ds);
	let_work(mark_few);
	read_all();
	bool const none = !seen;
	if (!error)
		error = trace_start(session->cap, worker_id, 0, SIZE, &ds);
	let_work(call);
	read_all();
	bool const off = !seen;
	if (!error)
		error = trace_start(session->cap, worker_id, TRACE_POLICY_ALL,
		                    SIZE, &ds);
	return !error && none && off;
}

static bool nonsense(void)
{
	let_work(scribble);
	read_all();                     /* whatever it is, it ends */
	struct trace_subject *const s = subject();
	trace_monitor_read(&monitor);
	return s->alive && seen <= SLOTS;
}

/** Time and again, the buffer vanishes under a thread that writes to it */
static bool vanishing(void)
{
	dataspace_cap_t ds;
	struct pd_account before, after;
	enum error error = ERROR_OK;
	trace_cap_t const t = trace.cap;
	trace_close(&monitor.session);
	let_work(mark_for_ever);
	error_ignore(trace_start(t, worker_id, 16, SIZE, &ds), "once, to settle");
	error_ignore(trace_stop(t, worker_id), "it is there");
	cap_drop(ds.cap);
	error_ignore(pd_account(the_env->pd, &before), "compared below");
	for (unsigned i = 0; !error && i < 100; i++) {
		uint64_t const lap = laps, end = clock_us() + 20 * 1000;
		error = trace_start(t, worker_id, TRACE_POLICY_MARK, SIZE, &ds);
		while (laps < lap + 20 && clock_us() < end)
			thread_yield();
		if (!error)
			error = trace_stop(t, worker_id);
		cap_drop(ds.cap);
	}
	error_ignore(pd_account(the_env->pd, &after), "compared below");
	uint64_t const lap = laps, end = clock_us() + 1000 * 1000;
	while (laps == lap && clock_us() < end)
		thread_yield();
	if (before.ram_used != after.ram_used || before.caps_used != after.caps_used)
		log_error("%lu bytes, %lu caps before; %lu, %lu after",
		          before.ram_used, before.caps_used, after.ram_used,
		          after.caps_used);
	return !error && laps != lap && before.ram_used == after.ram_used
	    && before.caps_used == after.caps_used;
}

/** A buffer outlives its thread, and can be read until it is freed */
static bool end_of_thread(void)
{
	struct trace_info info;
	dataspace_cap_t ds;
	void *at = NULL;
	trace_cap_t const t = trace.cap;
	enum error error = trace_start(t, worker_id, TRACE_POLICY_ALL, SIZE, &ds);
	uint64_t const lap = laps, end = clock_us() + 1000 * 1000;
	while (laps < lap + 10 && clock_us() < end)
		thread_yield();
	thread_close(&worker);
	if (!error)
		error = ram_attach(the_env, ds, false, &at);
	bool const good = !error && ((struct trace_buffer *)at)->head
		&& trace_info(t, worker_id, &info) == ERROR_NOT_FOUND
		&& trace_start(t, worker_id, 1, SIZE, &ds) == ERROR_NOT_FOUND
		&& !trace_stop(t, worker_id)
		&& trace_stop(t, worker_id) == ERROR_NOT_FOUND;
	/* where the buffer was are zeros */
	return good && !((struct trace_buffer *)at)->head;
}

static enum error open_all(struct env *env)
{
	uint32_t cpus = 1;
	enum error error = thread_signal(env, &done);
	if (!error)
		error = cpu_count(env->cpu, &cpus);
	if (!error)
		error = thread_open(&worker, env, &(struct thread_args) {
			.entry = work, .name = "worker", .cpu = cpus - 1 });
	if (!error)
		signal_wait(done);
	if (!error)
		error = trace_open(&trace, env, NULL);
	if (!error)
		error = session_upgrade(&trace.session, 16 * 1024, 4);
	if (!error)
		error = trace_monitor_open(&monitor, env);
	return error;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error const error = open_all(env);
	bool const good = step("open", !error)
		&& step("subjects", subjects())
		&& step("refusals", refusals())
		&& step("conflict", conflict())
		&& step("recorded", recorded())
		&& step("policies", policies())
		&& step("nonsense", nonsense())
		&& step("vanishing", vanishing())
		&& step("end of thread", end_of_thread());
	component_exit(env, good ? ERROR_OK : ERROR_CONFLICT);
	return ERROR_OK;
}
