/* SPDX-License-Identifier: MIT */
/*
 * What each system call may answer, as its source says, and what it did
 *
 * Not here: NO_CAPS of IPC, which takes 32768 names, and success of PARK, which
 * only a pager can have. 'yield' answers nothing.
 */

#include <base/log.h>
#include <util/format.h>
#include "fuzz.h"

#define E(error) (1u << ERROR_##error)
#define IPC      (E(OK) | E(INVALID) | E(KERNEL_RAM))

static uint32_t const possible[SYS_PD_CREATE] = {
	[SYS_CALL]           = IPC | E(GONE) | E(DEPTH) | E(WINDOW),
	[SYS_REPLY_WAIT]     = IPC | E(WINDOW),
	[SYS_WAIT]           = IPC,
	[SYS_PARK_WAIT]      = E(INVALID) | E(KERNEL_RAM),
	[SYS_POLL]           = IPC | E(AGAIN),
	[SYS_REPLY_POLL]     = IPC | E(AGAIN) | E(WINDOW),
	[SYS_PARK_POLL]      = E(INVALID) | E(KERNEL_RAM),
	[SYS_YIELD]          = E(OK),
	[SYS_SIGNAL_SUBMIT]  = E(OK) | E(GONE) | E(INVALID),
	[SYS_SIGNAL_WAIT]    = E(OK) | E(GONE) | E(INVALID),
	[SYS_SIGNAL_TIMEOUT] = E(OK) | E(GONE) | E(INVALID),
	[SYS_CAP_RELEASE]    = E(OK) | E(GONE) | E(INVALID),
	[SYS_CAP_PROBE]      = E(OK) | E(GONE),
	[SYS_TLS]            = E(OK) | E(INVALID),
	[SYS_THREAD_CLOCK]   = E(OK),
};

#define NAME(number, name) [number] = #name,
static char const *const call_name[ROWS] = {
	ABI_SYSCALLS(NAME) [N_SYSCALLS] = "(no such number)" };

#define ERROR_TEXT(name, sentence) #name,
static char const *const error_name[N_ERRORS] = { ERRORS(ERROR_TEXT) };

static uint64_t sum(unsigned row, unsigned error)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < n_workers; i++)
		n += workers[i].count[row][error];
	return n;
}

static unsigned judge_row(unsigned row)
{
	uint32_t const wanted = row < SYS_PD_CREATE ? possible[row] : E(INVALID);
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
	log_info("%-18s%s", call_name[row], text);
	return bad;
}

unsigned table_judge(void)
{
	unsigned bad = 0;
	for (unsigned row = 0; row < ROWS; row++)
		bad += judge_row(row);
	for (unsigned i = 0; i < n_workers; i++)
		if (workers[i].strange) {
			log_error("%lu strange results, e.g. %lx for %lx",
			          workers[i].strange, workers[i].strange_dx[1],
			          workers[i].strange_dx[0]);
			bad++;
		}
	return bad;
}
