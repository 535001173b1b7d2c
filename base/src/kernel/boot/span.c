/* SPDX-License-Identifier: MIT */

/* Local */
#include "span.h"

/** Replace 'old' spans from index 'at' on by the 'count' ones of 'with' */
static bool replace(struct span_set *set, unsigned at, unsigned old,
                    struct span const *with, unsigned count)
{
	unsigned const n = set->n - old + count;
	if (n > SPANS_MAX)
		return false;

	if (count > old)
		for (unsigned i = set->n; i > at + old; i--)
			set->span[i - 1 + count - old] = set->span[i - 1];
	else
		for (unsigned i = at + old; i < set->n; i++)
			set->span[i + count - old] = set->span[i];
	for (unsigned i = 0; i < count; i++)
		set->span[at + i] = with[i];
	set->n = n;
	return true;
}

bool span_add(struct span_set *set, uint64_t base, uint64_t end)
{
	if (base >= end)
		return true;

	unsigned at = 0;
	while (at < set->n && set->span[at].end < base)
		at++;
	unsigned last = at;
	struct span merged = { base, end };
	for (; last < set->n && set->span[last].base <= end; last++) {
		if (set->span[last].base < merged.base)
			merged.base = set->span[last].base;
		if (set->span[last].end > merged.end)
			merged.end = set->span[last].end;
	}
	return replace(set, at, last - at, &merged, 1);
}

bool span_remove(struct span_set *set, uint64_t base, uint64_t end)
{
	if (base >= end)
		return true;

	unsigned at = 0;
	while (at < set->n && set->span[at].end <= base)
		at++;
	unsigned last = at;
	while (last < set->n && set->span[last].base < end)
		last++;
	if (at == last)
		return true;

	struct span rest[2];
	unsigned count = 0;
	if (set->span[at].base < base)
		rest[count++] = (struct span){ set->span[at].base, base };
	if (set->span[last - 1].end > end)
		rest[count++] = (struct span){ end, set->span[last - 1].end };
	return replace(set, at, last - at, rest, count);
}

bool span_contains(struct span_set const *set, uint64_t base, uint64_t end)
{
	for (unsigned i = 0; i < set->n; i++)
		if (set->span[i].base <= base && end <= set->span[i].end)
			return base < end;
	return false;
}
