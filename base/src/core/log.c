/* SPDX-License-Identifier: MIT */
/** Output: ring and drainer; and core's own lines */

/* public */
#include <base/log.h>
#include <stdarg.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <base/internal/sys.h>
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "log.h"
#include "memory/ring.h"
#include "pool.h"

/* a burst ends when the line's buffer is full and waiting for it begins to cost */
enum { BURST = 512, CHUNK = 16, BURST_US = 150, DELAY_US = 1000, STACK = 8192 };

static struct ring *ring;
static uint64_t     ring_phys;
static uint64_t     tail;       /* for who claimed the ring's end */
static bool         claimed;    /* by the drainer, or for a flush; atomic */
static cap_t        drainer;    /* its thread */
static cap_t        wake;       /* drainer waits for it */
static bool         armed;      /* it will wake up */
static bool         given_away;

enum error log_init(void)
{
	enum error const error = frames_alloc(core_pool.arena->account,
	                                      LOG_RING, &ring_phys);
	if (error)
		return error;
	ring = memset(kernel_phys(ring_phys), 0, LOG_RING);
	ring_init(ring, LOG_RING);
	return ERROR_OK;
}

cap_t log_thread(void)
{
	return drainer;
}

uint64_t log_phys(void)
{
	return ring_phys;
}

/* -- drainer -- */

static void put(char const *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		kernel_console_put(text[i]);
}

/** Write a few characters; false: there were none */
static bool put_some(void)
{
	char text[CHUNK];
	uint64_t lost;
	size_t const length = ring_read(ring, &tail, text, sizeof text, &lost);
	if (lost) {
		char note[48];
		format_text(note, sizeof note, "\n[core lost %lu bytes]\n",
		            lost);
		put(note, strlen(note));
	}
	put(text, length);
	return length;
}

static bool claim(void)
{
	return !__atomic_exchange_n(&claimed, true, __ATOMIC_ACQUIRE);
}

static void unclaim(void)
{
	__atomic_store_n(&claimed, false, __ATOMIC_RELEASE);
}

/** Write some; false: that was all */
static bool burst(void)
{
	uint64_t const end = clock_tsc() + clock_ticks(BURST_US);
	unsigned n = BURST / CHUNK;
	while (n && put_some()) {
		n--;
		if (clock_tsc() > end)
			return true;
	}
	return !n;
}

/** Same for the drainer, who may interrupt a flush: then later */
static bool drain_some(void)
{
	if (!claim())
		return true;
	bool const more = burst();
	unclaim();
	return more;
}

static void arm(void)
{
	uint64_t const tsc = clock_tsc() + clock_ticks(DELAY_US);
	error_ignore(sys_signal_timeout(wake, tsc), "it is ours and alive");
}

static void drain(void)
{
	uint64_t count;
	for (;;) {
		error_ignore(sys_signal_wait(wake, &count), "ours, alive");
		__atomic_store_n(&armed, false, __ATOMIC_SEQ_CST);
		if (given_away || !drain_some())
			continue;
		if (!__atomic_exchange_n(&armed, true, __ATOMIC_SEQ_CST))
			arm();
	}
}

static enum error start_thread(cap_t *thread)
{
	struct account *const account = core_pool.arena->account;
	uint64_t stack, utcb;
	enum error error = frames_alloc(account, STACK, &stack);
	if (!error)
		error = frame_alloc(account, &utcb) ? ERROR_OK : ERROR_NO_RAM;
	if (error)
		return error;

	struct kernel_thread_args const args = {
		.priority  = KERNEL_PRIORITIES - 1,
		.ip        = (uint64_t)drain,
		.sp        = (uint64_t)kernel_phys(stack) + STACK - 8,
		.utcb      = (uint64_t)kernel_phys(utcb),
		.utcb_phys = utcb,
	};
	do error = kernel_thread_create(kernel_core_pd(), &args, thread);
	while (pool_lacks(&core_pool, &error));
	return error;
}

enum error log_start(void)
{
	cap_t thread, signal;
	enum error error = start_thread(&thread);
	if (error)
		return error;
	do error = kernel_signal_create(kernel_core_pd(), thread, 0, &signal);
	while (pool_lacks(&core_pool, &error));
	if (error)
		return error;
	drainer = thread;
	wake  = signal;
	armed = true;
	error = kernel_thread_start(thread);
	if (!error)
		arm();
	return error;
}

/* -- producer -- */

void log_append(char const *text, size_t length)
{
	if (!ring) {
		put(text, length);
		return;
	}
	ring_write(ring, text, length);
	if (wake && !given_away
	 && !__atomic_exchange_n(&armed, true, __ATOMIC_SEQ_CST))
		arm();
}

void log_flush(void)
{
	if (!ring)
		return;
	while (!claim());       /* the drainer is at work on another CPU */
	while (put_some());
	unclaim();
}

void log_give_away(void)
{
	if (given_away)
		return;
	log_flush();
	given_away = true;
	kernel_console_give_away();
}

static void line(char const *prefix, char const *format, va_list list)
{
	char text[256];
	size_t length = format_text(text, sizeof text, "%s", prefix);
	length += format_print(text + length, sizeof text - length - 1,
	                       format, list);
	length = min(length, sizeof text - 2);
	for (size_t i = 0; i < length; i++)
		log_put_harmless(text, i, text[i]);
	text[length++] = '\n';
	log_append(text, length);
}

void log_info(char const *format, ...)
{
	va_list list;
	va_start(list, format);
	line("", format, list);
	va_end(list);
}

void log_warning(char const *format, ...)
{
	va_list list;
	va_start(list, format);
	line("Warning: ", format, list);
	va_end(list);
}

void log_error(char const *format, ...)
{
	va_list list;
	va_start(list, format);
	line("Error: ", format, list);
	va_end(list);
}
