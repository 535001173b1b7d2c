/* SPDX-License-Identifier: MIT */
/**
 * Signals: notifications that are counted, never lost and never block
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>

struct entrypoint;

/** Embed it; 'handle' runs in the entrypoint with count >= 1 */
struct signal_handler {
	void (*handle)(struct signal_handler *handler, uint64_t count);
	struct entrypoint *ep;     /* NULL: closed */
	signal_cap_t       cap;    /* what one passes to sessions */
	uint64_t           opaque[2];
};
_Static_assert(sizeof(struct signal_handler) == 40, "binary interface");

/**
 * Give it a capability and let 'ep' serve it; 'handle' is set before
 *
 * Returns NO_RAM, NO_CAPS.
 */
enum error signal_handler_open(struct signal_handler *handler,
                               struct entrypoint *ep) MUST_USE;

/**
 * 'handle' does not run any more; called in the thread of the entrypoint
 *
 * Idempotent. The end of the entrypoint (entrypoint_close) closes it as well.
 */
void signal_handler_close(struct signal_handler *handler);

/** Let the kernel signal 'handler' at clock_us() 'us'; replaces the last; ~0: never */
enum error signal_handler_at(struct signal_handler *handler, uint64_t us) MUST_USE;

/** Add one to the count of a signal. Returns GONE, INVALID */
enum error signal_submit(signal_cap_t signal) MUST_USE;
