/* SPDX-License-Identifier: MIT */
/*
 * Crash monitor: starts components that misbehave, one after the other, and
 * checks how each ends, that nothing of it is left, and that a witness runs on
 *
 * Its configuration lists them:
 *
 *   + step divide | vector: 0      stopped by that exception ("or: 6": or this)
 *   + step io     | value: 0       exits with that value; "value: any": not 0
 *   + step loop   | ms: 100        neither, for that time
 *   + step wait   | watches: yes   neither, waits for another configuration
 *   + step tiny   | fails: quota   cannot be started because of that
 *   + step random | rounds: 50     whatever, within 50 ms each
 *
 * Before it counts, the first three are done ("warm_up: n" at the top: so many).
 * Nodes "witness" at the top name further witnesses, by the label of their session.
 *
 * Steps go round the CPUs; "all_cpus: yes": it has all of them. Quoted lines are
 * the configuration of the component, otherwise it says "kind: <name of step>",
 * "seed: <that of the step, plus round>", and the attribute in "with".
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/thread.h>
#include <session/witness.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>
#include "accounts.h"
#include "child.h"

enum { TIME_MS = 10000, RANDOM_MS = 50, SETTLE_MS = 3000, STEADY_MS = 300,
       LOOKS = 40, WARM_UP = 3, REFILLS = 8, WITNESSES = 4 };

/** A component that must not notice anything */
struct witness {
	struct witness_session session;
	char                   name[32], longest_in[64];
	uint64_t               beats, longest;
	uint64_t               beats_before;   /* the step */
};

static struct {
	struct env            *env;
	struct witness         witness[WITNESSES];
	unsigned               witnesses;
	struct child           child;
	struct accounts        before;
	struct hid const      *step;         /* NULL: before the first */
	struct signal_handler  timer;
	char                   name[64];
	uint64_t               round, rounds;
	uint64_t               deadline;     /* 0: it ended, accounts settle */
	uint64_t               settle_until;
	unsigned               looks;        /* at accounts, since they settle */
	unsigned               warm, warm_up, steps, failures;
	uint32_t               cpus;
} monitor;

static void next_step(void);

static void fail(char const *what, char const *detail)
{
	monitor.failures++;
	log_error("%s: %s%s", monitor.name, what, detail);
}

static void set_timer(uint64_t us)
{
	enum error const error = signal_handler_at(&monitor.timer, us);
	if (error)
		log_error("no timer: %s", error_text(error));
}

/* -- witnesses -- */

static void look_at(struct witness *w)
{
	uint64_t longest = 0;
	if (witness_beats(w->session.cap, &w->beats, &longest) != ERROR_OK)
		fail("gone: ", w->name);
	if (longest > w->longest) {
		w->longest = longest;
		string_copy(w->longest_in, sizeof w->longest_in, monitor.name);
	}
}

static void look_at_all(void)
{
	for (unsigned i = 0; i < monitor.witnesses; i++)
		look_at(&monitor.witness[i]);
}

static uint64_t all_beats(void)
{
	uint64_t sum = 0;
	look_at_all();
	for (unsigned i = 0; i < monitor.witnesses; i++)
		sum += monitor.witness[i].beats;
	return sum;
}

/** The first one that did nothing since the step began, if any */
static struct witness const *standing_still(void)
{
	for (unsigned i = 0; i < monitor.witnesses; i++)
		if (monitor.witness[i].beats == monitor.witness[i].beats_before)
			return &monitor.witness[i];
	return NULL;
}

static void note_beats(void)
{
	look_at_all();
	for (unsigned i = 0; i < monitor.witnesses; i++)
		monitor.witness[i].beats_before = monitor.witness[i].beats;
}

static enum error open_witness(char const *label, char const *name)
{
	if (monitor.witnesses == WITNESSES)
		return ERROR_LIMIT;
	struct witness *const w = &monitor.witness[monitor.witnesses++];
	string_copy(w->name, sizeof w->name, name);
	return witness_open(&w->session, monitor.env,
	                    &(struct session_args) { .label = label });
}

static enum error open_witnesses(void)
{
	enum error error = open_witness("", "witness");
	for (struct hid const *n = NULL; !error
	     && (n = hid_next(monitor.env->config, n, "witness"));) {
		char name[32] = "";
		hid_name(n, name, sizeof name);
		error = open_witness(name, name);
	}
	return error;
}

/* -- after its end: nothing may be left -- */

static void report_difference(struct accounts const *now)
{
	for (unsigned i = 0; i < ACCOUNTS; i++) {
		char text[80];
		if (now->value[i] == monitor.before.value[i])
			continue;
		format_text(text, sizeof text, "%s: %lu before, %lu after",
		            account_name(i), monitor.before.value[i],
		            now->value[i]);
		fail("", text);
	}
	monitor.before = *now;
}

static bool same(struct accounts const *now)
{
	return memcmp(now, &monitor.before, sizeof *now) == 0;
}

/** Limits are lower as long as a session's donation has not come back */
static bool less(struct accounts const *a, struct accounts const *b)
{
	unsigned i = 0;
	while (i + 1 < ACCOUNTS && a->value[i] == b->value[i])
		i++;
	return i >= ACCOUNT_OWN_RAM_LIMIT ? a->value[i] > b->value[i]
	                                  : a->value[i] < b->value[i];
}

static void settle_within(uint64_t ms)
{
	monitor.settle_until = clock_us() + ms * 1000;
	monitor.looks        = 0;
}

/**
 * Whether what has not ended by now never will
 *
 * A busy host may let that time pass with few looks, and what a witness closed in
 * its last beat may be at its server then.
 */
static bool too_late(void)
{
	return ++monitor.looks > LOOKS && clock_us() > monitor.settle_until;
}

/** Take the least that is in use, until nothing more has come back for some time */
static bool steady(struct accounts const *now)
{
	if (monitor.before.value[ACCOUNT_RAM] && !less(now, &monitor.before))
		return too_late();
	monitor.before = *now;
	settle_within(STEADY_MS);
	return false;
}

/**
 * Look until what ends later, a session at a server perhaps, has ended
 *
 * Figures count when all witnesses are between two beats, which change them: the
 * thread that beats tells how often it did, so none did while that stays the same.
 */
static void settle(void)
{
	struct accounts now;
	uint64_t const beats = all_beats();
	enum error const error = accounts_read(&now);
	bool const meanwhile = all_beats() != beats;
	struct witness const *const still = standing_still();

	if (error)
		fail("no accounts: ", error_text(error));
	else if (meanwhile) {
		set_timer(clock_us() + 700);
		return;
	} else if (monitor.warm < monitor.warm_up) {
		if (!steady(&now)) {
			set_timer(clock_us() + 700);
			return;
		}
	} else if (!same(&now) || still) {
		if (!too_late()) {
			set_timer(clock_us() + 700);
			return;
		}
		report_difference(&now);
		if (still)
			fail("it stopped: ", still->name);
	}
	next_step();
}

static void conclude(void)
{
	monitor.deadline = 0;
	child_stop(&monitor.child);
	if (monitor.warm < monitor.warm_up)
		monitor.before = (struct accounts) { 0 };
	settle_within(SETTLE_MS);
	set_timer(clock_us());
}

/* -- how it ends -- */

static void judge_fault(struct cpu_fault const *f)
{
	char text[96];
	format_text(text, sizeof text, "exception %lu at 0x%lx, address 0x%lx",
	            f->vector, f->ip, f->address);
	if (hid_has(monitor.step, "rounds")
	    || hid_uint(monitor.step, "vector", ~0ul) == f->vector
	    || hid_uint(monitor.step, "or", ~0ul) == f->vector)
		log_info("%s: stopped by %s", monitor.name, text);
	else
		fail("stopped by ", text);
}

static void judge_exit(int value)
{
	char text[32], wanted[16] = "";
	format_text(text, sizeof text, "%d", value);
	hid_string(monitor.step, "value", wanted, sizeof wanted);
	if (hid_has(monitor.step, "rounds") || string_equal(text, wanted)
	    || (value && string_equal(wanted, "any")))
		log_info("%s: exited with %d", monitor.name, value);
	else
		fail("exited with ", text);
}

static void judge_time(void)
{
	if (hid_has(monitor.step, "ms") || hid_has(monitor.step, "rounds"))
		log_info("%s: ran until its time was over", monitor.name);
	else
		fail("", "neither stopped nor exited");
}

static void ended(struct signal_handler *handler, uint64_t count)
{
	struct cpu_fault fault;
	if (!monitor.deadline)
		return;
	if (monitor.child.exited)
		judge_exit(monitor.child.value);
	else if (child_fault(&monitor.child, &fault))
		judge_fault(&fault);
	else if (monitor.child.watches && hid_has(monitor.step, "watches"))
		log_info("%s: waits for another configuration", monitor.name);
	else
		return;
	conclude();
}

static void timer(struct signal_handler *handler, uint64_t count)
{
	if (!monitor.deadline) {
		settle();
	} else if (clock_us() >= monitor.deadline) {
		judge_time();
		conclude();
	}
}

/* -- start -- */

static void write_config(void)
{
	struct child *const child = &monitor.child;
	char more[64] = "";
	hid_string(monitor.step, "with", more, sizeof more);
	size_t size = hid_quoted(monitor.step, child->config_text, CHILD_CONFIG);
	if (!size)
		size = format_text(child->config_text, CHILD_CONFIG,
			"config\nkind: %s\nseed: %lu\n%s\n-\n", monitor.name,
			hid_uint(monitor.step, "seed", 1) + monitor.round, more);
	child->config_size = size < CHILD_CONFIG ? size : CHILD_CONFIG;
}

static void judge_start(enum error error, char const *what)
{
	char wanted[32] = "";
	hid_string(monitor.step, "fails", wanted, sizeof wanted);
	if (hid_has(monitor.step, "rounds") || string_equal(wanted, what)) {
		log_info("%s: not started, %s: %s", monitor.name, what,
		         error_text(error));
		return;
	}
	fail(what, error_text(error));
}

static uint64_t time_us(void)
{
	return 1000 * hid_uint(monitor.step, "ms",
		hid_has(monitor.step, "rounds") ? RANDOM_MS : TIME_MS);
}

static void start(void)
{
	char binary[32] = "culprit", elf[32] = "", cpu[32] = "", forward[32] = "";
	char const *what = "";
	bool const all = hid_bool(monitor.step, "all_cpus", false);
	hid_string(monitor.step, "binary", binary, sizeof binary);
	hid_string(monitor.step, "elf", elf, sizeof elf);
	hid_string(monitor.step, "forward", forward, sizeof forward);
	if (hid_has(monitor.step, "priority"))
		format_text(cpu, sizeof cpu, "cpu | priority: %lu",
		            hid_uint(monitor.step, "priority", 64));
	write_config();
	note_beats();
	monitor.deadline = clock_us() + time_us();
	enum error const error = child_start(&monitor.child, &(struct child_args) {
		.label = monitor.name, .binary = binary, .cpu = cpu,
		.forward = forward, .elf = elf,
		.seed = hid_uint(monitor.step, "seed", 1) + monitor.round,
		.ram  = hid_uint(monitor.step, "ram", 1 << 20),
		.caps = hid_uint(monitor.step, "caps", 60),
		.cpu_index = all ? 0 : monitor.steps % monitor.cpus,
		.cpus = all ? monitor.cpus : 1 }, &what);
	if (error) {
		judge_start(error, what);
		conclude();
	} else {
		set_timer(monitor.deadline);
	}
}

static void finish(void)
{
	look_at_all();
	log_info("%u steps, %u failed; RAM in use %lu", monitor.steps,
	         monitor.failures, monitor.before.value[ACCOUNT_RAM]);
	for (unsigned i = 0; i < monitor.witnesses; i++) {
		struct witness const *const w = &monitor.witness[i];
		log_info("%s: %lu beats, at most %lu us between two (%s)",
		         w->name, w->beats, w->longest, w->longest_in);
	}
	log_info("--- crash monitor finished ---");
}

/** The first ones are done some times before it counts */
static void next_step(void)
{
	monitor.round++;
	if (monitor.step && monitor.warm < monitor.warm_up
	    && ++monitor.warm == monitor.warm_up) {
		monitor.step  = NULL;
		monitor.steps = monitor.failures = 0;
		log_info("RAM in use before: %lu",
		         monitor.before.value[ACCOUNT_RAM]);
	}
	if (!monitor.step || monitor.round >= monitor.rounds) {
		monitor.step = hid_next(monitor.env->config, monitor.step, "step");
		monitor.round = 0;
		if (!monitor.step) {
			finish();
			return;
		}
		monitor.rounds = hid_uint(monitor.step, "rounds", 1);
	}
	monitor.steps++;
	hid_name(monitor.step, monitor.name, sizeof monitor.name);
	start();
}

enum error component_construct(struct env *env)
{
	monitor.env                = env;
	monitor.timer.handle       = timer;
	monitor.child.event.handle = ended;
	monitor.warm_up            = (unsigned)hid_uint(env->config, "warm_up",
	                                                WARM_UP);
	enum error error = open_witnesses();
	if (!error) error = signal_handler_open(&monitor.timer, env->ep);
	if (!error) error = child_init(&monitor.child, env);
	if (!error) error = elf_init(env, "culprit");
	/* kernel memory for all names that it will ever hold, lest it grows later */
	for (uint64_t i = hid_uint(env->config, "refills", REFILLS); i && !error; i--)
		error = pd_kernel_refill(env->pd);
	if (!error) error = accounts_init(env);
	if (!error) error = cpu_count(env->cpu, &monitor.cpus);
	if (!error) next_step();
	return error;
}
