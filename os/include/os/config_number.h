/* SPDX-License-Identifier: MIT */
/**
 * Numbers of a configuration that nobody checked against a schema
 *
 * It may come from a component that reports whatever it likes.
 */
#pragma once

#include <base/hid.h>
#include <base/log.h>
#include <util/string.h>

/** The longest time in milliseconds, twelve days: schemas say "max: 1G" */
#define CONFIG_MS_MAX (1ul << 30)

/**
 * Number 'tag' of 'node' from 'least' to 'most', 'otherwise' if it is absent
 *
 * What is no such number counts as absent, which is logged with its line.
 */
static inline uint64_t config_number(struct hid const *node, char const *tag,
                                     uint64_t otherwise, uint64_t least,
                                     uint64_t most)
{
	struct hid_attribute a;
	uint64_t value;
	if (!hid_attribute(node, tag, &a))
		return otherwise;
	if (string_number(a.value, a.value_length, &value)
	 && value >= least && value <= most)
		return value;
	log_warning("config, line %u: %s is no number from %lu to %lu, so it is %lu",
	            a.line, tag, least, most, otherwise);
	return otherwise;
}

/** Time in milliseconds, as microseconds: 'least' and 'otherwise' are milliseconds */
static inline uint64_t config_ms(struct hid const *node, char const *tag,
                                 uint64_t otherwise, uint64_t least)
{
	return config_number(node, tag, otherwise, least, CONFIG_MS_MAX) * 1000;
}
