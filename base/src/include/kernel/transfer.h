/* SPDX-License-Identifier: MIT */
/**
 * Messages from one thread to another: registers, message buffer, capabilities
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

/**
 * Request, reply, or the message about a fault
 *
 * Returns WINDOW, INVALID (a capability is none); nothing was moved then.
 */
enum error transfer(struct ec *from, struct ec *to) MUST_USE;
