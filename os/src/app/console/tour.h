/* SPDX-License-Identifier: MIT */
/**
 * Tour: a sequence of steps, each of which says what is to come, does it, waits
 * until it can be seen, and shows the figures
 */
#pragma once

#include <stdbool.h>

/** 'waits': for a key after each step */
void tour_begin(bool waits);

/** Go on if there is something to do; to be called often. False: it is over */
bool tour_tick(void);

/** Any key: the next step; q: the end. False: it is over */
bool tour_key(char key);
