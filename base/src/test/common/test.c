/* SPDX-License-Identifier: MIT */
/* Steps, checks and accounts of a test */

/* public */
#include <base/hid.h>
#include <base/rom.h>
#include <util/format.h>

/* local */
#include "test.h"

enum { ROUNDS = 6 };

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

static void run(struct test_step const *step)
{
	struct pd_account before, after = test_account();
	uint64_t const start = clock_us();
	for (unsigned round = 0; round < ROUNDS; round++) {
		before = after;
		step->run();
		after = test_account();
		if (before.ram_used == after.ram_used
		    && before.caps_used == after.caps_used) {
			log_info("%s: ok, %u rounds in %lu ms", step->name, round + 1,
			         (clock_us() - start) / 1000);
			return;
		}
	}
	check(false, "%s: RAM %lu -> %lu, capabilities %lu -> %lu", step->name,
	      before.ram_used, after.ram_used, before.caps_used, after.caps_used);
}

/** What core has left tells whether the last life of this test left anything */
static void log_free_ram(void)
{
	struct rom_module state;
	struct hid nodes[16];
	struct hid_document document = { .nodes = nodes, .capacity = 16 };
	check_ok(rom_module_open(&state, test_env, "core_state"));
	check_ok(hid_parse(&document, state.data, state.size, NULL));
	log_info("core has %lu bytes free",
	         hid_uint(hid_top(&document), "ram_free", 0));
	rom_module_close(&state);
}

enum error test_main(struct env *env, struct test_step const *steps,
                     unsigned count)
{
	test_env = env;
	check_ok(cpu_count(env->cpu, &test_cpus));
	check_ok(thread_signal(env, &first_timer));
	log_free_ram();
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
