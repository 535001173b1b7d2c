/* SPDX-License-Identifier: MIT */
/**
 * Data of base-hw's ready queues: virtual time, in bands of different weight
 *
 * A band's time advances by what its SCs run, divided by its weight; an SC's time
 * by what it runs itself. The band with the least time is next, and in it the SC
 * with the least.
 */
#pragma once

/* Internal */
#include <kernel/time_queue.h>

/** By priority: 0 …, 32 …, 64 …, 96 …, and 127 */
enum ready_band_number { BAND_BACKGROUND, BAND_APPLICATION, BAND_MULTIMEDIA,
                         BAND_DRIVER, BAND_CORE, READY_BANDS };

struct ready_band {
	struct time_node *first;   /* ready SCs */
	uint64_t          last;    /* no time of them is later */
	uint64_t          time;
	uint64_t          clock;   /* least time of its SCs; never goes back */
};

/** Of a CPU */
struct ready_queues {
	struct ready_band band[READY_BANDS];
	uint64_t          filled;  /* bands with ready SCs, a bit each */
	uint64_t          clock;   /* least time of active bands; never goes back */
};

/** Of an SC: its time */
struct ready_link {
	struct time_node node;
};
