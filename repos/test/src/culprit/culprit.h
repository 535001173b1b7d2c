/* SPDX-License-Identifier: MIT */
/** One kind of misbehaviour each; run/crash goes through all of them */
#pragma once

#include <base/component.h>

struct misdeed {
	char const *name;
	/** Misbehave; a return means that it was survived. OK: as it should be */
	enum error (*commit)(struct env *env);
};

/** What must stop the thread with a message in the log */
extern struct misdeed const fault_misdeeds[];
extern unsigned const       n_fault_misdeeds;

/** What must be answered by an error and harm nothing */
extern struct misdeed const call_misdeeds[];
extern unsigned const       n_call_misdeeds;

/** 12^8 ways to one page: taking one of the last 12 away must not go them all */
enum error many_ways(struct env *env);
