/* SPDX-License-Identifier: MIT */
/** Inputs: attributes of ROMs, by name */
#pragma once

#include <base/env.h>
#include <base/hid.h>

enum { INPUT_VALUE = 64 };

/** Open those that the configuration lists; 'changed' runs when a value did */
enum error inputs_open(struct env *env, void (*changed)(void)) MUST_USE;
void inputs_close(void);

/** Value of the input; "" if there is no such one */
char const *input_value(char const *name);
