/* SPDX-License-Identifier: MIT */
/* Outcome of a measurement, by a word that says whether it is a figure */

#include <base/hid.h>

#include "bench.h"

static char const *word = "timing";

void sample_init(struct env *env)
{
	if (hid_bool(env->config, "exact", false))
		word = "bench";
}

void sample_print(char const *name, struct sample const *s)
{
	if (s->count)
		log_info("%s %s %lu %lu %lu", word, name, s->min,
		         s->sum / s->count, s->max);
}
