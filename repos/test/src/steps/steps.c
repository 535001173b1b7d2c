/* SPDX-License-Identifier: MIT */
/* The steps, in their order: each changes what the one before left */

#include "steps.h"

/* Start node of the usual child, with so much of its configuration */
#define CHILD(name, attributes) \
	"+ start " name " | binary: step_child" attributes "\n"
#define SERVER(name, rest) \
	CHILD(name, "") "  + provides | + service Alpha\n" \
	"  + config | provide: Alpha" rest "\n"
#define CLIENT(target) \
	CHILD("client", "") "  + route\n    + service Step  | + local\n" \
	"    + service Alpha | " target "\n    + any-service   | + parent\n" \
	"  + config | open: Alpha\n"
#define END "-\n"

static bool in_state(char const *child, char const *state)
{
	return hid_equals(state_of(child), "state", state);
}

static bool same(char const *child)
{
	return former_id(child)
	       && hid_uint(state_of(child), "id", 0) == former_id(child);
}

static bool anew(char const *child)
{
	return state_of(child) && !same(child);
}

/* 1 */
static bool report(void)
{
	struct hid const *const a = state_of("a");
	return said("a", "say hi") && in_state("a", "running")
	    && hid_uint(a, "ram", 0) && hid_uint(a, "ram_used", 0)
	    && hid_uint(a, "caps", 0) && hid_uint(a, "caps_used", 0)
	    && hid_uint(a, "id", 0) && session_of("a", "LOG")
	    && hid_has(session_of("a", "Step"), "id");
}

/* 2 */
static bool exit_value(void)
{
	return in_state("b", "exited") && hid_equals(state_of("b"), "exit", "0x7")
	    && same("a");
}

/* 3 */
static bool local_service(void)
{
	return !state_of("b") && said("c", "say local")
	    && hid_equals(session_of("c", "Step"), "label", "c") && same("a");
}

/* 4 */
static bool first_route(void)
{
	return said("client", "open: success") && said("one", "heard hello")
	    && hid_equals(session_of("client", "Alpha"), "server", "one")
	    && hid_next(state_of("one"), NULL, "provides");
}

static bool other_route(void)
{
	return said("client", "gone") && said("client", "open: success")
	    && said("one", "closed client") && said("two", "heard hello")
	    && same("client") && same("one") && same("two");
}

/* 5 */
static bool provided_changed(void)
{
	return said("client", "gone") && said("client", "open: success")
	    && said("one", "heard hello") && same("client") && same("one")
	    && same("two");
}

/* 6 */
static bool config_updated(void)
{
	return said("a", "say something else") && same("a");
}

/* 7 */
static bool rewritten(void)
{
	return said("rewritten", "say hi") && in_state("d", "running");
}

static bool binary_changed(void)
{
	return anew("d") && in_state("d", "running")
	    && !session_of("d", "Step");
}

/* 8 … 11 */
static bool quota(uint64_t ram, uint64_t caps)
{
	struct hid const *const a = state_of("a");
	uint64_t const has_ram = hid_uint(a, "ram", 0);
	uint64_t const has_caps = hid_uint(a, "caps", 0);
	/* the domain's own cost is more, what sessions got is less */
	return has_ram < ram + (64 << 10) && has_ram + (256 << 10) > ram
	    && has_caps <= caps + 6 && has_caps + 10 > caps && same("a");
}

static bool ram_up(void)    { return quota(4 << 20, 40) && said("a", "ate 2500000"); }
static bool ram_down(void)  { return quota(1 << 20, 40) && said("a", "asked to yield"); }
static bool caps_up(void)   { return quota(1 << 20, 100); }
static bool caps_down(void) { return quota(1 << 20, 50); }

/* 12 */
static bool denied(void)
{
	return said("client", "denied") && said("one", "created client")
	    && said("nobody", "refused: not permitted");
}

/* 13 */
static bool stalled(void)
{
	return said("waiter", "gave up") && !session_of("waiter", "Alpha")
	    && said("other", "say free of it");
}

/* 14 */
/** The parent's parent answers; what a LOG session is told is not its language */
static bool forwarded(void)
{
	return said("forward", "open: the object does not offer this operation")
	    && !hid_has(session_of("forward", "LOG"), "server");
}

/* 15 */
static bool any_child(void)
{
	return said("client", "open: success")
	    && hid_equals(session_of("client", "Alpha"), "server", "one");
}

static bool abandoned(void)
{
	return said("client", "gone") && said("client", "refused: not permitted")
	    && same("client");
}

/* 16 */
static bool alive(void)
{
	return in_state("a", "running") && step_ms() > 300
	    && !hid_has(state_of("a"), "restarts");
}

/* 17 */
static bool restarted(void)
{
	return hid_uint(state_of("h"), "restarts", 0) >= 1 && same("a");
}

/* 18 */
static bool waiting_for_program(void)
{
	return in_state("late", "waiting") && in_state("a", "running");
}

static bool program_denied(void)
{
	return in_state("late", "running") && said("late", "say at last");
}

/* 19 */
static bool bad_affinity(void)
{
	return in_state("far", "running") && said("far", "say here");
}

/* trade */
static bool granted(void)
{
	return said("g", "ate 2500000")
	    && hid_uint(state_of("g"), "ram", 0) > 5 << 19;
}

static bool refused_more(void)
{
	return said("g", "hungry for 8000000") && same("g");
}

static bool waits(void)
{
	return hid_uint(state_of("w"), "wants_ram", 0) > 2500000;
}

static bool served(void)
{
	return said("w", "ate 2500000") && same("w")
	    && !hid_has(state_of("w"), "wants_ram");
}

/* CPUs: two that never stop, on the same one; the ratio of their times tells */
static bool spinning(void)
{
	return time_since("x") > 20000 && time_since("y") > 20000;
}

/** 'more' gets one and a half times what 'less' gets, and neither is a new one */
static bool ahead(char const *more, char const *less)
{
	return time_since(more) > 30000 && same(more) && same(less)
	    && (!exact_time() || 2 * time_since(more) > 3 * time_since(less));
}

static bool x_ahead(void) { return ahead("x", "y"); }
static bool y_ahead(void) { return ahead("y", "x"); }

static bool no_such_quota(void)
{
	return time_since("x") > 20000 && same("x") && same("y");
}

/*
 * y against z, which is a child of nest, on the same CPU: z's PD and CPU sessions
 * are a monitor's, and what z has y has not
 */
static bool grandchild_ahead(void)
{
	return step_ms() > 50 && said("nest -> z", "say spinning")
	    && (!exact_time() || time_since("y") < step_ms() * 1000 * 5 / 12);
}

static bool grandchild_behind(void)
{
	return step_ms() > 50 && same("y") && same("nest")
	    && !said("nest -> z", "say spinning")
	    && (!exact_time() || time_since("y") > step_ms() * 1000 * 2 / 5);
}

/* a session through an init: what its parent's parent routes */
static bool through(void)
{
	return said("nest -> z", "open: success") && said("one", "heard hello")
	    && said("one", "created nest -> z");
}

static bool lost_through(void)
{
	return said("nest -> z", "gone") && said("nest -> z", "open: success")
	    && said("two", "created nest -> z") && said("two", "heard hello")
	    && same("nest");
}

/* a child goes to another CPU, where there is one, without noticing */
static bool at_work(void)
{
	return time_since("m") > 20000 && said("pack -> z", "say spinning");
}

static bool moved(void)
{
	return time_since("m") > 20000 && same("m") && same("pack")
	    && !said("pack -> z", "say spinning")
	    && (one_cpu() || (said("m", "on CPU 1")
	                   && said("pack -> z", "on CPU 1")));
}

/* rogues */
static bool never_answered(void)
{
	return said("waiter", "gave up") && said("other", "say free of it");
}

static bool gone_again(void)
{
	return said("c1", "gone") && in_state("rogue", "running")
	    && in_state("c1", "running") && in_state("a", "running");
}

static bool not_its_own(void)
{
	return said("c2", "open: success") && said("one", "heard hello")
	    && !said("c2", "gone") && said("c3", "open: success");
}

static bool buffer_freed(void)
{
	return said("c4", "buffer: success, 0, 2");
}

static bool forged(void)
{
	return said("one", "created forger -> client") && said("forger", "open: success");
}

static bool empty(void)
{
	return !hid_next(state_of("w"), NULL, NULL) && !state_of("a");
}

#define A CHILD("a", "") "  + config | say: hi\n"
#define TWO(target) A SERVER("one", "") SERVER("two", "") CLIENT(target)
#define EATER(name, attributes, amount) \
	CHILD(name, attributes) "  + config | eat: " amount "\n"

#define SPINNER(name, attributes) \
	CHILD(name, " | cpu: 0 | cpus: 1" attributes) "  + config | spin: yes\n"
#define SPINNERS(x, y) A SPINNER("x", x) SPINNER("y", y)
#define PASS(services) \
	"  + config\n    + parent-provides\n      + service PD\n" \
	"      + service CPU\n      + service ROM\n      + service LOG\n" \
	"      + service Step\n" services \
	"    + default-route | + any-service | + parent\n"
#define THROUGH(target) A SERVER("one", "") SERVER("two", "") \
	"+ start nest | binary: init | ram: 6M | caps: 300\n" \
	"  + route\n    + service Step  | + local\n" \
	"    + service Alpha | + child " target "\n" \
	"    + any-service   | + parent\n" PASS("      + service Alpha\n") \
	"    + start z | binary: step_child | ram: 1M | caps: 40\n" \
	"      + config | open: Alpha\n"
#define ON(cpu) A CHILD("m", " | cpu: " cpu " | cpus: 1") \
	"  + config | spin: yes\n" \
	"+ start pack | binary: init | ram: 6M | caps: 300 | cpu: " cpu \
	" | cpus: 1\n" \
	"  + route\n    + service Step  | + local\n" \
	"    + any-service   | + parent\n" PASS("") \
	"    + start z | binary: step_child | ram: 1M | caps: 40\n" \
	"      + config | say: spinning | spin: yes\n"
#define NEST(priority) A SPINNER("y", LOW("")) \
	"+ start monitor | ram: 2M | caps: 150\n" \
	"  + provides\n    + service PD\n    + service CPU\n" \
	"+ start nest | binary: init | ram: 6M | caps: 300 | cpu: 0 | cpus: 1" \
	" | priority: " priority "\n" \
	"  + route\n    + service PD   | + child monitor\n" \
	"    + service CPU  | + child monitor\n    + service Step | + local\n" \
	"    + any-service  | + parent\n" PASS("") \
	"    + start z | binary: step_child | priority: 70 | ram: 1M | caps: 40\n" \
	"      + config | say: spinning | spin: yes\n"
#define LOW(quota) " | priority: 40" quota

#define ROGUE(manner) "+ start rogue | binary: rogue | version: " manner "\n" \
	"  + provides | + service Alpha\n  + config | manner: " manner "\n"
#define NAMED(name, target, rest) \
	CHILD(name, "") "  + route\n    + service Step  | + local\n" \
	"    + service Alpha | + child " target "\n    + any-service   | + parent\n" \
	"  + config | open: Alpha" rest "\n"

struct step const steps[] = {
	{ "report", A END, report },
	{ "exit", A CHILD("b", "") "  + config | exit: 7\n" END, exit_value },
	{ "local service", A CHILD("c", "") "  + config | say: local\n" END,
	  local_service },
	{ "route", TWO("+ child one") END, first_route },
	{ "another route", TWO("+ child two") END, other_route },
	{ "a server provides less",
	  A SERVER("one", "") CHILD("two", "")
	  "  + config | provide: Alpha\n" CLIENT("+ child two | + any-child") END,
	  provided_changed },
	{ "configuration",
	  CHILD("a", "") "  + config | say: something else\n" END,
	  config_updated },
	{ "label", A "+ start d | binary: program\n  + route\n"
	  "    + service Step | + local | label: rewritten\n"
	  "    + service ROM | label: program | + parent | label: step_child\n"
	  "    + any-service | + parent\n  + config | say: hi\n" END, rewritten },
	{ "label of the program", A "+ start d | binary: program\n  + route\n"
	  "    + service Step | + local | label: rewritten\n"
	  "    + service ROM | label: program | + parent | label: leaf\n"
	  "    + any-service | + parent\n  + config | say: hi\n" END,
	  binary_changed },
	{ "more RAM", EATER("a", " | ram: 4M", "2500000") END, ram_up },
	{ "less RAM", EATER("a", " | ram: 1M", "2500000") END, ram_down },
	{ "more capabilities", EATER("a", " | caps: 100", "2500000") END, caps_up },
	{ "less capabilities", EATER("a", " | caps: 50", "2500000") END, caps_down },
	{ "denied", SERVER("one", " | manner: deny") CLIENT("+ child one")
	  CHILD("nobody", "") "  + config | open: Nothing\n" END, denied },
	{ "stalled", SERVER("mute", " | manner: silent")
	  CHILD("waiter", "") "  + config | open: Alpha | give_up_ms: 100\n"
	  CHILD("other", "") "  + config | say: free of it\n" END, stalled },
	{ "forwarded", CHILD("forward", "") "  + config | open: LOG\n" END,
	  forwarded },
	{ "any child", SERVER("one", "") CLIENT("+ any-child") END, any_child },
	{ "abandoned", CLIENT("+ any-child") END, abandoned },
	{ "heartbeat", "+ heartbeat | every_ms: 50\n" CHILD("a", "")
	  "  + heartbeat | restart: 4\n  + config | say: hi\n" END, alive },
	{ "skipped heartbeats", "+ heartbeat | every_ms: 50\n" CHILD("a", "")
	  "  + heartbeat | restart: 40\n  + config | say: hi\n"
	  CHILD("h", "") "  + heartbeat | restart: 3\n"
	  "  + config | hang: yes\n" END, restarted },
	{ "program pending", A CHILD("roms", "")
	  "  + provides | + service ROM\n"
	  "  + config | provide: ROM | manner: silent\n"
	  CHILD("late", "") "  + route\n    + service Step | + local\n"
	  "    + service ROM | label: step_child | + child roms\n"
	  "    + any-service | + parent\n  + config | say: at last\n" END,
	  waiting_for_program },
	{ "program there", A
	  CHILD("late", "") "  + route\n    + service Step | + local\n"
	  "    + service ROM | label: step_child | + child roms | + parent\n"
	  "    + any-service | + parent\n  + config | say: at last\n" END,
	  program_denied },
	{ "bad affinity", A CHILD("far", " | cpu: 99 | cpus: 7")
	  "  + config | say: here\n" END, bad_affinity },
	{ "granted on demand", A EATER("g", " | ram_max: 5M", "2500000") END,
	  granted },
	{ "not beyond the bound", A EATER("g", " | ram_max: 5M", "8000000") END,
	  refused_more },
	{ "waits", A EATER("w", " | exhausted: wait", "2500000") END, waits },
	{ "gets it", A EATER("w", " | exhausted: wait | ram: 4M", "2500000") END,
	  served },
	{ "shared CPU", SPINNERS(LOW(""), LOW("")) END, spinning },
	{ "priority", SPINNERS(LOW(""), " | priority: 20") END, x_ahead },
	{ "priorities exchanged", SPINNERS(" | priority: 20", LOW("")) END,
	  y_ahead },
	{ "budget", SPINNERS(LOW(" | cpu_quota: 60"), LOW(" | cpu_quota: 20"))
	  END, x_ahead },
	{ "budgets exchanged",
	  SPINNERS(LOW(" | cpu_quota: 20"), LOW(" | cpu_quota: 60")) END,
	  y_ahead },
	{ "budget taken, and given to another",
	  SPINNERS(LOW(" | cpu_quota: 70"), LOW("")) END, x_ahead },
	{ "more budget than there is",
	  SPINNERS(LOW(" | cpu_quota: 100"), LOW("")) END, no_such_quota },
	{ "budget behind priority", SPINNERS(" | priority: 20 | cpu_quota: 70",
	  LOW("")) END, x_ahead },
	{ "no budget", SPINNERS(LOW(""), " | priority: 20") END, x_ahead },
	{ "a grandchild that is watched", NEST("70") END, grandchild_ahead },
	{ "limits of its parent", NEST("20") END, grandchild_behind },
	{ "at one CPU", ON("0") END, at_work },
	{ "at another CPU", ON("1") END, moved },
	{ "through an init", THROUGH("one") END, through },
	{ "lost through it", THROUGH("two") END, lost_through },
	{ "never answers", ROGUE("never")
	  NAMED("waiter", "rogue", " | give_up_ms: 100")
	  CHILD("other", "") "  + config | say: free of it\n" END, never_answered },
	{ "answers twice", A ROGUE("twice") NAMED("c1", "rogue", "") END,
	  gone_again },
	{ "closes early", A ROGUE("early") NAMED("c1", "rogue", "") END,
	  gone_again },
	{ "answers for others", A ROGUE("wild") SERVER("one", "")
	  NAMED("c2", "one", "") NAMED("c3", "rogue", "") END, not_its_own },
	{ "frees what is in use", A ROGUE("free")
	  NAMED("c4", "rogue", " | use_buffer: yes") END, buffer_freed },
	{ "forged label", A SERVER("one", "")
	  NAMED("forger", "one", " | label: client") END, forged },
	{ "nothing", END, empty },
};

unsigned const n_steps = sizeof steps / sizeof *steps;
