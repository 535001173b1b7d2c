/* SPDX-License-Identifier: MIT */
/*
 * What each system call may answer, as its source says, and what it did
 *
 * PARK cannot succeed: it leaves a faulting caller blocked (ipc.c, 'reply'), and a
 * fault calls the thread's pager by a name of core's (ipc.c, 'target'), for which
 * core takes a portal to its own thread (core/component/thread.c). Here core is
 * seen to park threads: directed.c.
 */

#include <base/log.h>
#include <util/format.h>
#include "fuzz.h"

#define E(error) (1u << ERROR_##error)
#define IPC      (E(OK) | E(INVALID) | E(NO_CAPS) | E(KERNEL_RAM))

static uint32_t const possible[SYS_PD_CREATE] = {
	[SYS_CALL]           = IPC | E(GONE) | E(DEPTH) | E(WINDOW),
	[SYS_REPLY_WAIT]     = IPC | E(WINDOW),
	[SYS_WAIT]           = IPC,
	[SYS_PARK_WAIT]      = IPC & ~E(OK),
	[SYS_YIELD]          = E(OK),
	[SYS_SIGNAL_SUBMIT]  = E(OK) | E(GONE) | E(INVALID),
	[SYS_SIGNAL_WAIT]    = E(OK) | E(GONE) | E(INVALID),
	[SYS_SIGNAL_TIMEOUT] = E(OK) | E(GONE) | E(INVALID),
	[SYS_CAP_RELEASE]    = E(OK) | E(GONE) | E(INVALID),
	[SYS_CAP_PROBE]      = E(OK) | E(GONE),
	[SYS_TLS]            = E(OK) | E(INVALID),
	[SYS_THREAD_CLOCK]   = E(OK),
	[SYS_CONTEXT_RUN]    = E(GONE) | E(INVALID),
	[SYS_CONTEXT_POKE]   = E(GONE) | E(INVALID),
};

#define NAME(number, name) [number] = #name,
static char const *const call_name[ROWS] = {
	ABI_SYSCALLS(NAME) [N_SYSCALLS] = "(no such number)" };

#define ERROR_TEXT(name, sentence) #name,
static char const *const error_name[N_ERRORS] = { ERRORS(ERROR_TEXT) };

static uint64_t sum(unsigned row, unsigned error)
{
	uint64_t n = directed_count(row, error);
	for (unsigned i = 0; i < n_workers; i++)
		n += workers[i].count[row][error];
	return n;
}

static unsigned judge_row(unsigned row, uint32_t missing)
{
	uint32_t const wanted =
		(row < SYS_PD_CREATE ? possible[row] : E(INVALID)) & ~missing;
	char text[160];
	size_t length = 0;
	unsigned bad = 0;
	text[0] = 0;
	for (unsigned e = 0; e < N_ERRORS; e++) {
		uint64_t const n = sum(row, e);
		if (n && length < sizeof text)
			length += format_text(text + length, sizeof text - length,
			                      " %s %lu", error_name[e], n);
		if (!n == !(wanted & 1u << e))
			continue;
		log_error("%s -> %s %s", call_name[row], error_name[e],
		          n ? "cannot be" : "was not seen");
		bad++;
	}
	bool const park = row == SYS_PARK_WAIT;
	log_info("%-18s%s%s", call_name[row], text,
	         park ? " (OK: cannot be, but for core)" : "");
	return bad;
}

unsigned table_judge(bool all_names)
{
	unsigned bad = directed_wrong();
	for (unsigned row = 0; row < ROWS; row++)
		bad += judge_row(row, all_names ? 0 : E(NO_CAPS));
	for (unsigned i = 0; i < n_workers; i++)
		if (workers[i].strange) {
			log_error("%lu strange results, e.g. %lx for %lx",
			          workers[i].strange, workers[i].strange_dx[1],
			          workers[i].strange_dx[0]);
			bad++;
		}
	return bad;
}
