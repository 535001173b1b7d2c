/* SPDX-License-Identifier: MIT */
/**
 * What generated stubs and dispatch functions share: strings and refusals
 *
 * A string travels as its bytes and NUL, padded with zeros to whole words. The
 * first NUL thus tells its length, and each string has one encoding only.
 */
#pragma once

#include <base/rpc.h>

/** Append 's' to 'm'; false: longer than 'bound' bytes with its NUL */
static inline bool rpc_put_string(struct rpc_message *m, char const *s, size_t bound)
{
	size_t length = 0;
	while (length < bound && s[length])
		length++;
	if (length == bound)
		return false;

	m->word[m->words + length / 8] = 0;
	__builtin_memcpy(&m->word[m->words], s, length);
	m->words += (uint32_t)(length / 8 + 1);
	return true;
}

/**
 * Read the string at word '*at' of 'm' into the 'bound' bytes at 's'
 *
 * Advances '*at'. False: no string, too long, or bits set after its NUL.
 */
static inline bool rpc_get_string(struct rpc_message const *m, uint32_t *at,
                                  char *s, size_t bound)
{
	if (*at >= m->words)
		return false;

	char const *const from = (char const *)&m->word[*at];
	size_t const room  = (m->words - *at) * sizeof m->word[0];
	size_t const limit = room < bound ? room : bound;
	size_t length = 0;
	while (length < limit && from[length])
		length++;
	if (length == limit)
		return false;

	*at += (uint32_t)(length / 8);
	if (m->word[*at] >> length % 8 * 8)
		return false;

	__builtin_memcpy(s, from, length + 1);
	*at += 1;
	return true;
}

/** Make 'm' the reply that carries nothing but 'error' */
static inline enum error rpc_refuse(struct rpc_message *m, enum error error)
{
	m->words = 0;
	m->caps  = 0;
	return error;
}

/** Drop what a malformed reply brought */
static inline enum error rpc_corrupt(struct rpc_message const *m)
{
	for (unsigned i = 0; i < m->caps && i < RPC_CAPS; i++)
		cap_drop(m->cap[i]);
	return ERROR_CORRUPT;
}
