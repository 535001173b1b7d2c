/* SPDX-License-Identifier: MIT */
/*
 * Client of a server on its own CPU, at the same time as its like on another one
 *
 * Calls of each kind are a section that a plugin for QEMU knows by marks in the
 * code (tool/plugin/written.c), in batches. In the last one, both call the same
 * server, which is on a third CPU.
 */

#include <base/component.h>
#include <base/signal.h>
#include <base/thread.h>
#include <rpc/bench.h>
#include <session/pd.h>
#include <test/raw_ipc.h>

enum { CALLS = 500, BATCHES = 10, CLIENTS = 2 };

static struct bench_session own, common;
static object_cap_t         own_echo, common_echo, gift;
static uint32_t             meetings;

#define MARK(n) __asm__ volatile ( \
	".byte 0x0f, 0x1f, 0x80; .long 0x4c494e00 + %c0" : : "i"(n) : "memory")

static void call(cap_t portal, uint64_t words)
{
	uint64_t const dx = raw_call(portal, words);
	if (dx & 0xff)
		log_error("call: %s", error_text((enum error)(dx & 0xff)));
}

static void pass(cap_t portal)
{
	uint64_t const dx = raw_call_cap(portal, raw_utcb(), gift.cap);
	if (dx & 0xff)
		log_error("pass: %s", error_text((enum error)(dx & 0xff)));
}

/** Wait for the other client */
static enum error meet(void)
{
	uint32_t arrived = 0;
	enum error error = bench_arrive(common.cap, 1, &arrived);
	meetings++;
	while (!error && arrived < meetings * CLIENTS)
		error = bench_arrive(common.cap, 0, &arrived);
	return error;
}

/* Both go on until both have done enough, so that none of them is alone */
#define SECTION(n, statement) do { \
	uint32_t arrived = 0; \
	enum error error = meet(); \
	meetings++; \
	for (uint32_t batch = 1; !error && arrived < meetings * CLIENTS; batch++) { \
		MARK(n); \
		for (unsigned i = 0; i < CALLS; i++) \
			statement; \
		MARK(0); \
		error = bench_arrive(common.cap, batch == BATCHES, &arrived); \
	} \
	if (error) \
		return error; \
} while (0)

static enum error run(void)
{
	call(own_echo.cap, 64);         /* memory that is touched is there */
	pass(own_echo.cap);
	call(common_echo.cap, 4);
	SECTION(1, call(own_echo.cap, 4));
	SECTION(2, call(own_echo.cap, 64));
	SECTION(3, pass(own_echo.cap));
	SECTION(4, call(common_echo.cap, 4));
	return meet();
}

enum error component_construct(struct env *env)
{
	signal_cap_t wake;
	enum error error = bench_open(&own, env,
		&(struct session_args) { .label = "own" });
	if (!error)
		error = bench_open(&common, env,
			&(struct session_args) { .label = "common" });
	if (!error) error = bench_echo(own.cap, 0, &own_echo);
	if (!error) error = bench_echo(common.cap, 0, &common_echo);
	/* something of its own to give away */
	if (!error) error = thread_signal(env, &wake);
	if (!error) {
		gift.cap = wake.cap;
		error = run();
	}
	if (!error)
		log_info("--- sections finished ---");
	return error;
}
