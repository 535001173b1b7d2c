/* SPDX-License-Identifier: MIT */
/** Usage: what each component has and consumes, nested ones included */
#pragma once

#include <base/env.h>

enum { USAGE_ROWS = 48, USAGE_PATH = 64 };

struct usage {
	char     path[USAGE_PATH];   /* "nested -> left" */
	char     state[12];          /* "off": not configured at present */
	char     note[96];           /* why it stopped, or "" */
	uint64_t ram_used, ram_limit, caps_used, caps_limit;
	uint64_t cpu_us;             /* since its start */
	unsigned share;              /* of one CPU's time, in 1/1000, last second */
};

/** What is free in the console's own accounts */
struct usage_free { uint64_t ram, caps; };

/** Returns NO_RAM, NO_CAPS */
enum error usage_open(struct env *env) MUST_USE;

/** Read all of it; row 0 is the console. Valid until the next call */
struct usage const *usage_read(unsigned *rows);

/** Row of a component; NULL: there is none. After usage_read */
struct usage const *usage_of(char const *path);

/** Call it once a second: shares are counted from here to the last call */
void usage_sample(void);

struct usage_free usage_free(void);

/** Number of parts of a path */
unsigned usage_depth(char const *path);
