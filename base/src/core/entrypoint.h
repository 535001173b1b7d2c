/* SPDX-License-Identifier: MIT */
/**
 * Core's one thread: serves all calls and faults, one at a time
 *
 * Hence nothing in core is locked, but for the ring of the log.
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>
#include <stdbool.h>

struct thread;

/** Marks the label of a fault message; the rest is the struct thread */
enum { FAULT_LABEL = 1 };

/** Portal that faults of all threads go to */
extern cap_t fault_portal;

/**
 * Take over the reception of 'cap' by the current call; false: not received
 *
 * Like cap_keep; whoever takes it has to release it some time.
 */
bool cap_take(cap_t cap);

/** Forget core's own name of what the current operation returns */
void cap_drop_after_reply(cap_t cap);

/** Create the fault portal; before anything else is served */
enum error entrypoint_open(void) MUST_USE;

void entrypoint_run(void) __attribute__((noreturn));
