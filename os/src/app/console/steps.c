/* SPDX-License-Identifier: MIT */
/*
 * Steps of the tour
 *
 * Nothing here waits: 'done' is asked again and again, and looks at what the
 * components logged since the step began, at their state, and at accounts.
 */

/* public */
#include <util/string.h>

/* local */
#include "journal.h"
#include "screen.h"
#include "steps.h"
#include "subsystem.h"
#include "table.h"
#include "usage.h"
#include "watch.h"

enum {
	EVENTS = 8,            /* of a trace, that are shown */
	TICKS  = 10,           /* of the ticker, that are timed */
	QUIET  = 800 * 1000,   /* microseconds without a change of the accounts */
	SAMPLE = 2200 * 1000,  /* the hog runs at least so long */
};

/* what steps remember for later ones */
static uint64_t          mark;         /* first journal line of this step */
static uint64_t          began;
static struct usage_free free_before;
static uint64_t          pace_before, pace_now;
static unsigned          kind;
static uint64_t          number;       /* of a component's start */
static unsigned          priority;
static struct env       *the_env;

void steps_use(struct env *env) { the_env = env; }

static void must(enum error error)
{
	if (error)
		screen_print("  refused: %s\n", error_text(error));
}

static struct usage const *look(char const *path)
{
	static struct usage const none;
	unsigned n;
	usage_read(&n);
	struct usage const *const row = usage_of(path);
	return row ? row : &none;
}

static bool in_state(char const *path, char const *state)
{
	return string_equal(look(path)->state, state);
}

/** Show the first line since the step began */
static void show(char const *name, char const *text)
{
	for (uint64_t n = mark; n < journal_count(); n++) {
		struct journal_line const *const line = journal_line(n);
		if (!line || !journal_by(line, name)
		 || !string_starts(line->text, text))
			continue;
		screen_put("  ");
		table_log_line(line, false);
		return;
	}
}

static uint64_t lines_by(char const *name)
{
	return journal_find(name, mark, "");
}

void steps_begin(void) { mark = journal_count(); }

/* -- the tree -- */

static bool all_run(void)
{
	unsigned n;
	usage_read(&n);
	for (struct part *p = NULL; (p = subsystem_next(p));)
		if (p->on && !string_equal(usage_of(p->name)->state, "running"))
			return false;
	return journal_count() > 0;
}

/** Everything runs, and nobody has asked for anything for a while */
static bool settled(void)
{
	static struct usage_free last;
	static uint64_t since;
	struct usage_free const now = usage_free();
	if (now.ram != last.ram || now.caps != last.caps) {
		last  = now;
		since = clock_us();
	}
	return clock_us() - since >= QUIET && all_run()
	       && in_state("nested -> right", "running");
}

static bool tell_tree(void)
{
	table_print(false);
	return all_run();
}

/* -- a crash -- */

static char const *const kinds[] = { "divide", "stack", "jump", "text" };
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void crash(void)
{
	free_before = usage_free();
	must(subsystem_restart("crasher"));
}

static bool crashed(void)
{
	return in_state("crasher", "faulted") && lines_by("ticker") >= 2;
}

static bool tell_crash(void)
{
	screen_print("  crasher stopped: %s\n", look("crasher")->note);
	screen_print("  ticker, meanwhile: %lu lines\n", lines_by("ticker"));
	return crashed();
}

static void crash_next(void)
{
	must(subsystem_set("crasher", "kind", kinds[kind]));
	must(subsystem_restart("crasher"));
}

static void crash_kinds(void)
{
	kind = 0;
	crash_next();
}

/** One kind after the other */
static bool crashed_kinds(void)
{
	if (!in_state("crasher", "faulted"))
		return false;
	screen_print("  %-7s %s\n", kinds[kind], look("crasher")->note);
	if (++kind == KINDS)
		return true;
	crash_next();
	return false;
}

static bool tell_ticker(void)
{
	screen_print("  ticker, meanwhile: %lu lines\n", lines_by("ticker"));
	return kind == KINDS;
}

/* -- what comes back -- */

static bool all_back(void)
{
	struct usage_free const now = usage_free();
	return now.ram == free_before.ram && now.caps == free_before.caps;
}

static bool tell_back(void)
{
	struct usage_free const now = usage_free();
	screen_print("  free before: %9lu bytes, %lu capabilities\n",
	             free_before.ram, free_before.caps);
	screen_print("  free now:    %9lu bytes, %lu capabilities\n",
	             now.ram, now.caps);
	return all_back();
}

static void end_crasher(void)
{
	must(subsystem_switch("crasher", false));
}

/* -- a hog -- */

static void begin_pace(void) { began = clock_us(); }

/** Time that the ticker took for TICKS lines */
static bool paced(void)
{
	uint64_t n = 0, first = 0;
	for (uint64_t i = mark; i < journal_count(); i++) {
		struct journal_line const *const line = journal_line(i);
		if (!line || !journal_by(line, "ticker"))
			continue;
		if (!n++)
			first = line->us;
		pace_now = line->us - first;
		if (n > TICKS)
			return true;
	}
	return false;
}

static bool tell_pace(void)
{
	pace_before = pace_now;
	screen_print("  without hog: %u ticks in %lu ms\n", TICKS,
	             pace_before / 1000);
	return pace_before > 0;
}

static void start_hog(void)
{
	free_before = usage_free();
	began = clock_us();
	must(subsystem_restart("hog"));
}

static bool hogged(void)
{
	return paced() && clock_us() - began > SAMPLE;
}

static bool tell_hog(void)
{
	unsigned const share = look("hog")->share;
	paced();
	screen_print("  with hog:    %u ticks in %lu ms, while hog had %u.%u %%"
	             " of the CPU\n", TICKS, pace_now / 1000, share / 10,
	             share % 10);
	return share > 300 && pace_now < 3 * pace_before;
}

static void end_hog(void)
{
	must(subsystem_switch("hog", false));
}

/* -- a server's death -- */

static void kill_server(void)
{
	must(subsystem_switch("greeter", false));
}

static bool noticed(void)
{
	return journal_find("visitor", mark, "the server is gone") > 0;
}

static bool tell_gone(void)
{
	show("visitor", "the server is gone");
	return noticed();
}

static void start_server(void)
{
	must(subsystem_switch("greeter", true));
}

static bool greeted(void)
{
	return journal_find("visitor", mark, "hello") > 0;
}

static bool tell_greeted(void)
{
	show("greeter", "");
	show("visitor", "hello");
	return greeted();
}

/* -- nested -- */

static void restart_nested(void)
{
	must(subsystem_restart("nested"));
}

static bool nested_back(void)
{
	return lines_by("nested -> left") && lines_by("nested -> right")
	       && in_state("nested -> right", "running");
}

static bool tell_nested(void)
{
	show("nested -> left", "");
	show("nested -> right", "");
	return nested_back();
}

/* -- reconfiguration -- */

static void reconfigure(void)
{
	number = subsystem_start_number("ticker");
	must(subsystem_set("ticker", "text", "tock"));
	must(subsystem_set("ticker", "ram", "2M"));
}

static bool reconfigured(void)
{
	return journal_find("ticker", mark, "tock") > 0;
}

/** Whether nobody started it again since 'number' was noted */
static bool same_start(char const *name)
{
	uint64_t const now = subsystem_start_number(name);
	screen_print("  %s is start number %lu, as before: %s\n", name, now,
	             now == number ? "yes" : "NO");
	return number && now == number;
}

static bool tell_reconfigured(void)
{
	char size[12];
	show("ticker", "tock");
	screen_print("  its RAM is limited to %s now\n",
	             table_size(size, look("ticker")->ram_limit));
	return same_start("ticker") && reconfigured();
}

/* -- trace -- */

static unsigned events, greetings;

static void traced(char const *thread, char const *text)
{
	greetings += string_starts(text, "return hello_greet: success");
	if (events++ < EVENTS)
		screen_print("  %s: %s\n", thread, text);
}

static void begin_trace(void)
{
	events = greetings = 0;
	must(watch_begin(the_env, "visitor", traced));
}

static bool traced_call(void)
{
	watch_update();
	return greetings && events >= EVENTS;
}

static bool tell_trace(void)
{
	watch_end();
	return greetings > 0;
}

/* -- a priority -- */

static void ignore(char const *thread, char const *text) { }

static void set_priority(void)
{
	number = subsystem_start_number("ticker");
	must(watch_begin(the_env, "ticker", ignore));
	priority = watch_priority();
	must(subsystem_set("ticker", "priority", "20"));
	must(subsystem_set("ticker", "cpu_quota", "10"));
}

static bool prioritised(void)
{
	watch_update();
	return watch_priority() == 20 && lines_by("ticker") >= 2;
}

static bool tell_priority(void)
{
	screen_print("  its thread's priority was %u and is %u\n", priority,
	             watch_priority());
	bool const good = watch_priority() == 20 && priority > 20;
	watch_end();
	show("ticker", "");
	return same_start("ticker") && good;
}

/* -- a route -- */

static void reroute(void)
{
	number = subsystem_start_number("visitor");
	must(subsystem_switch("second", true));
	must(subsystem_route("visitor", "Hello", "second"));
}

static bool rerouted(void)
{
	return journal_find("visitor", mark, "there is a server")
	       && journal_find("visitor", mark, "hello") && lines_by("second");
}

static bool tell_rerouted(void)
{
	show("visitor", "the server is gone");
	show("second", "");
	bool const good = same_start("visitor") && rerouted();
	must(subsystem_reset());
	return good;
}

/* -- the sequence -- */

struct step const steps[] = {
	{ "A tree of components. Each is a program in its own address space, with\n"
	  "its own account of RAM and capabilities, handed down by its parent. It can\n"
	  "use what its parent routed to it. Nothing else has a name for it.",
	  NULL, settled, tell_tree },
	{ "'crasher' reads address 0. The fault stops it alone; its parent gets the\n"
	  "cause. 'ticker' beside it does not notice.",
	  crash, crashed, tell_crash },
	{ "It divides by zero, overflows its stack, jumps to nowhere, writes to its\n"
	  "own code: always the same end.",
	  crash_kinds, crashed_kinds, tell_ticker },
	{ "We remove it. Every byte and capability was on its account, page tables\n"
	  "and kernel objects included; so the parent gets back exactly what it gave.",
	  end_crasher, all_back, tell_back },
	{ "'hog' computes and never stops, at a lower priority than the others.\n"
	  "First, the pace of 'ticker' without it:",
	  begin_pace, paced, tell_pace },
	{ NULL, start_hog, hogged, tell_hog },
	{ "We remove 'hog' in the middle of its loop. The accounts:",
	  end_hog, all_back, tell_back },
	{ "'visitor' calls the server 'greeter'. We kill the server. The client does\n"
	  "not hang: its call returns an error, and it asks its parent for another.",
	  kill_server, noticed, tell_gone },
	{ "We start the server again. The client's request is routed to the new one.",
	  start_server, greeted, tell_greeted },
	{ "'nested' is an init with children of its own: a system in the system, in\n"
	  "no way different from the outer one. We restart it as a whole.",
	  restart_nested, nested_back, tell_nested },
	{ "What runs can be reconfigured: another text and more RAM for 'ticker'. It\n"
	  "goes on counting, since nobody restarted it.",
	  reconfigure, reconfigured, tell_reconfigured },
	{ "So are its priority and its share of the CPU, in percent. Threads that run\n"
	  "follow at once.",
	  set_priority, prioritised, tell_priority },
	{ "Who owns a subtree may watch it: what 'visitor' calls, by the names in the\n"
	  "headers of the interfaces. Its program knows nothing of it.",
	  begin_trace, traced_call, tell_trace },
	{ "We route 'visitor' to another server. It finds its session gone, asks again,\n"
	  "as after the server's death, and gets the new one.",
	  reroute, rerouted, tell_rerouted },
};

unsigned const steps_count = sizeof steps / sizeof steps[0];
