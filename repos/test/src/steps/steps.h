/* SPDX-License-Identifier: MIT */
/** Steps of the test: a configuration, and what must come of it */
#pragma once

#include <base/hid.h>

struct step {
	char const *name;
	char const *config;              /* behind 'config' and the usual head */
	bool      (*reached)(void);      /* asked again and again until it is */
};

extern struct step const steps[];
extern unsigned const    n_steps;

/** Whether a child has told exactly this since the step began */
bool said(char const *child, char const *text);

/** Node of the report about a child; NULL: it is not there */
struct hid const *state_of(char const *child);

/** Same, of its session for 'service' */
struct hid const *session_of(char const *child, char const *service);

/** Number of the child's start when the step began; 0: it was not there */
uint64_t former_id(char const *child);

/** Execution time of the child since the step began, in microseconds */
uint64_t time_since(char const *child);

/** Whether shares of the CPU can be judged */
bool exact_time(void);
/** Nothing can move */
bool one_cpu(void);

/** Time since the step began, in milliseconds */
uint64_t step_ms(void);
