/* SPDX-License-Identifier: MIT */
/**
 * Messages from one thread to another: registers, message buffer, capabilities
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

/**
 * Request, or the message about a fault
 *
 * Returns WINDOW, INVALID (a capability is none); nothing was moved then.
 */
enum error transfer_call(struct ec *from, struct ec *to) MUST_USE;

/** Reply. Returns the same */
enum error transfer_reply(struct ec *from, struct ec *to) MUST_USE;
