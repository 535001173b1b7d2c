/* SPDX-License-Identifier: MIT */
/* What came of the calls, operation by operation */

/* public */
#include <base/log.h>
#include <util/format.h>

/* local */
#include "fuzz.h"

/* Answers of dispatchers, the entrypoint and the kernel; the rest are operations'.
   INVALID may be either's and does not count. */
static uint32_t const not_reached = 1u << ERROR_GONE | 1u << ERROR_REFUSED
	| 1u << ERROR_INVALID | 1u << ERROR_CORRUPT | 1u << ERROR_DEPTH
	| 1u << ERROR_WINDOW | 1u << ERROR_KERNEL_RAM;

static uint64_t reached_all;

void result_note(struct operation *operation, enum error error)
{
	if (error >= N_ERRORS)
		return;
	operation->results[error]++;
	if (!(not_reached >> error & 1)) {
		operation->reached++;
		reached_all++;
	}
}

uint64_t results_reached(void)
{
	return reached_all;
}

static void print(struct operation const *operation, bool all)
{
#define TEXT(name, sentence) #name,
	static char const *const names[] = { ERRORS(TEXT) };
#undef TEXT
	char text[160] = "";
	size_t length = 0;
	for (unsigned e = 0; e < N_ERRORS; e++)
		if (operation->results[e] && length < sizeof text)
			length += format_text(text + length, sizeof text - length,
			                      " %s %lu", names[e],
			                      operation->results[e]);
	if (length || all)
		log_info("%s: reached %lu:%s", operation->rpc->name,
		         operation->reached, text);
}

void results_print(bool all)
{
	for (unsigned i = 0; i < n_operations; i++)
		print(&operations[i], all);
	log_info("reached %lu in all", reached_all);
}
