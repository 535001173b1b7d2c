/* SPDX-License-Identifier: MIT */
/** Client of a ROM and a Report whose memory is not as they say (test/lies.h) */
#pragma once

#include <base/env.h>

/** All of them, once each. CORRUPT: not what has to come of it, which is logged */
enum error use_lies(struct env *env) MUST_USE;
