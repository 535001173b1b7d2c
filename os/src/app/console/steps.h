/* SPDX-License-Identifier: MIT */
/** Steps of the tour: what each says, does, waits for, and shows */
#pragma once

#include <stdbool.h>

struct step {
	char const *text;       /* what is to come; NULL: belongs to the last one */
	void (*act)(void);      /* may be NULL */
	bool (*done)(void);     /* whether it can be seen */
	bool (*tell)(void);     /* show it; false: not as expected */
};

struct env;

/** Environment of steps that open sessions; before the first one */
void steps_use(struct env *env);

extern struct step const steps[];
extern unsigned const    steps_count;

/** Lines of the journal from here on count for the step that begins */
void steps_begin(void);
