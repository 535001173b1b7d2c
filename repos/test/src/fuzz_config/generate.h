/* SPDX-License-Identifier: MIT */
/**
 * Configurations of all kinds, from a valid one and from the words of a schema
 *
 * A configuration is the valid one with damage to some nodes, or a random tree of
 * the words, or either of them with damage to the text, which then may be none.
 */
#pragma once

#include <base/hid.h>
#include <test/random.h>

enum { GENERATE_TEXT = 16 * 1024 };

/** Learn words; 'schema' may be NULL. Both stay as they are */
void generate_learn(struct hid const *sample, struct hid const *schema);

/** Write the valid one; returns its length */
size_t generate_valid(char text[GENERATE_TEXT]);

/** Write any; returns its length */
size_t generate_any(struct random *random, char text[GENERATE_TEXT]);
