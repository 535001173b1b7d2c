/* SPDX-License-Identifier: MIT */
#pragma once

#include <base/env.h>

extern struct env *the_env;

/** Tell it to who runs the test */
void say(char const *format, ...) __attribute__((format(printf, 1, 2)));

/** Offer what the configuration says */
enum error serve(void) MUST_USE;
