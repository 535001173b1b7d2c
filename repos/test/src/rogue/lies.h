/* SPDX-License-Identifier: MIT */
/** ROM and Report of a server whose memory is not as it says (test/lies.h) */
#pragma once

#include <base/env.h>
#include <base/signal.h>

/** Announce both; 'requests' is for their sessions. Returns NO_RAM, NO_CAPS */
enum error lies_open(struct env *env, signal_cap_t requests) MUST_USE;

/** What stands for each session of 'service'; 0: it is another's */
cap_t lies_session(char const *service);
