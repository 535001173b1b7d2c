/* SPDX-License-Identifier: MIT */
/** Time-outs, in microseconds of a clock that starts with the machine */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } timer_cap_t;

SERVICE(timer, "Timer", 8 * 1024, 4);

RPC enum error timer_elapsed_us(timer_cap_t timer, OUT uint64_t *us);

/** Signal 'handler' once after 'us'; replaces what was set before; 0: at once */
RPC enum error timer_once(timer_cap_t timer, IN signal_cap_t handler, IN uint64_t us);

/** Signal every 'us' (at least 100), without drift. Returns INVALID */
RPC enum error timer_periodic(timer_cap_t timer, IN signal_cap_t handler,
                              IN uint64_t us);

RPC enum error timer_cancel(timer_cap_t timer);
