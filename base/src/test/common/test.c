/* SPDX-License-Identifier: MIT */
/* Steps, checks and accounts of a test */

/* public */
#include <base/hid.h>
#include <base/rom.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "test.h"

struct env *test_env;
uint32_t    test_cpus;

/** The first thread keeps its timer, as it sleeps often */
static __thread signal_cap_t first_timer;

void test_fail(char const *file, unsigned line, char const *format, ...)
{
	char text[200];
	va_list arguments;
	va_start(arguments, format);
	format_print(text, sizeof text, format, arguments);
	va_end(arguments);

	log_error("%s:%u: %s", file, line, text);
	log_info("--- test failed ---");
	component_exit(test_env, ERROR_CORRUPT);
	for (;;)
		signal_wait((signal_cap_t) { 0 });
}

void test_expect(char const *file, unsigned line, char const *call,
                 enum error got, enum error wanted)
{
	if (got != wanted)
		test_fail(file, line, "%s: got \"%s\", expected \"%s\"", call,
		          error_text(got), error_text(wanted));
}

struct pd_account test_account(void)
{
	struct pd_account account = { 0 };
	check_ok(pd_account(test_env->pd, &account));
	return account;
}

/** In use, without what is kept for later */
struct used { uint64_t ram, caps, names, objects; };

static struct used used(void)
{
	struct pd_account const a = test_account();
	return (struct used) { a.ram_used - a.ram_kept, a.caps_used, a.names,
	                       a.objects };
}

static bool leaves_nothing(struct test_step const *step, struct used *before)
{
	step->run();
	struct used const b = *before, now = *before = used();
	if (memcmp(&now, &b, sizeof b) == 0)
		return true;
	log_info("%s: RAM %lu -> %lu, capabilities %lu -> %lu, "
	         "names %lu -> %lu, objects %lu -> %lu", step->name, b.ram,
	         now.ram, b.caps, now.caps, b.names, now.names, b.objects,
	         now.objects);
	return false;
}

/** The first time, caches of the library may get as large as they need */
static void run(struct test_step const *step)
{
	uint64_t const start = clock_us();
	struct used before = used();
	if (!leaves_nothing(step, &before))
		check(leaves_nothing(step, &before), "%s: it takes more each time",
		      step->name);
	log_info("%s: ok, %lu ms", step->name, (clock_us() - start) / 1000);
}

/** What is used in the whole system tells whether this test's last life left some */
static void log_used(void)
{
	struct rom_module state;
	struct hid nodes[16];
	struct hid_document document = { .nodes = nodes, .capacity = 16 };
	check_ok(rom_module_open(&state, test_env, "core_state"));
	check_ok(hid_parse(&document, state.data, state.size, NULL));
	struct hid const *const top = hid_top(&document), *all = NULL;
	while ((all = hid_next(top, all, "kernel"))
	       && !hid_equals(all, "name", "all"))
		;
	check(all && hid_has(top, "ram_kept"), "core tells nothing");
	log_info("in use: %lu bytes, %lu names, %lu objects",
	         hid_uint(top, "ram_used", 0) - hid_uint(top, "ram_kept", 0),
	         hid_uint(all, "caps", 0), hid_uint(all, "objects", 0));
	rom_module_close(&state);
}

enum error test_main(struct env *env, struct test_step const *steps,
                     unsigned count)
{
	test_env = env;
	check_ok(cpu_count(env->cpu, &test_cpus));
	check_ok(thread_signal(env, &first_timer));
	log_used();
	for (unsigned i = 0; i < count; i++)
		run(&steps[i]);
	log_info("--- test finished ---");
	component_exit(env, ERROR_OK);
	return ERROR_OK;
}

static void sleep(signal_cap_t signal, uint64_t us)
{
	struct signal_handler timer = { .cap = signal };
	check_ok(signal_handler_at(&timer, clock_us() + us));
	check(signal_wait(timer.cap) == 1, "timeout did not come once");
}

void test_sleep(uint64_t us)
{
	signal_cap_t signal;
	if (first_timer.cap) {
		sleep(first_timer, us);
		return;
	}
	check_ok(thread_signal(test_env, &signal));
	sleep(signal, us);
	thread_signal_close(test_env, &signal);
}

unsigned test_rounds(unsigned n)
{
	return test_cpus > 1 ? n / 8 + 2 : n;
}

uint64_t test_random(uint64_t *state)
{
	uint64_t x = *state;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}
