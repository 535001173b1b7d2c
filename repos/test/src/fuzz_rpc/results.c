/* SPDX-License-Identifier: MIT */
/* What came of the calls, operation by operation */

/* public */
#include <base/log.h>
#include <util/format.h>

/* local */
#include "fuzz.h"

enum { INTERFACES = 40, OPERATIONS = 40 };

static uint64_t results[INTERFACES][OPERATIONS][N_ERRORS];

/* Answers of dispatchers, the entrypoint and the kernel; the rest are operations'.
   INVALID may be either's and does not count. */
static uint32_t const not_reached = 1u << ERROR_GONE | 1u << ERROR_REFUSED
	| 1u << ERROR_INVALID | 1u << ERROR_CORRUPT | 1u << ERROR_DEPTH
	| 1u << ERROR_WINDOW | 1u << ERROR_KERNEL_RAM;

static uint64_t *row(struct rpc_interface const *interface, unsigned operation)
{
	uint64_t const index = (uint64_t)(interface - rpc_interfaces);
	return index < INTERFACES && operation < OPERATIONS
	     ? results[index][operation] : NULL;
}

void results_note(struct rpc_interface const *interface, unsigned operation,
                  enum error error)
{
	uint64_t *const r = row(interface, operation);
	if (r && error < N_ERRORS)
		r[error]++;
}

uint64_t results_reached(struct rpc_interface const *interface,
                         unsigned operation)
{
	uint64_t const *const r = row(interface, operation);
	uint64_t sum = 0;
	for (unsigned e = 0; r && e < N_ERRORS; e++)
		if (!(not_reached >> e & 1))
			sum += r[e];
	return sum;
}

uint64_t results_reached_all(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		for (unsigned k = 0; k < rpc_interfaces[i].count; k++)
			sum += results_reached(&rpc_interfaces[i], k);
	return sum;
}

static void print(struct rpc_interface const *interface, unsigned operation,
                  bool all)
{
#define TEXT(name, sentence) #name,
	static char const *const names[] = { ERRORS(TEXT) };
#undef TEXT
	uint64_t const *const r = row(interface, operation);
	char text[160] = "";
	size_t length = 0;
	for (unsigned e = 0; r && e < N_ERRORS; e++)
		if (r[e] && length < sizeof text)
			length += format_text(text + length, sizeof text - length,
			                      " %s %lu", names[e], r[e]);
	if (length || all)
		log_info("%s: reached %lu:%s",
		         interface->operations[operation].name,
		         results_reached(interface, operation), text);
}

void results_print(bool all)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		for (unsigned k = 0; k < rpc_interfaces[i].count; k++)
			print(&rpc_interfaces[i], k, all);
	log_info("reached %lu in all", results_reached_all());
}
