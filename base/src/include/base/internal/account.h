/* SPDX-License-Identifier: MIT */
/**
 * RAM and capabilities that something may use, and how much of it it does
 */
#pragma once

#include <base/error.h>
#include <stddef.h>

struct account {
	size_t ram_limit, ram_used;
	size_t caps_limit, caps_used;
};

/** Returns NO_RAM or NO_CAPS, and takes nothing then */
static inline enum error account_take(struct account *a, size_t ram, size_t caps)
{
	if (ram > a->ram_limit - a->ram_used)
		return ERROR_NO_RAM;
	if (caps > a->caps_limit - a->caps_used)
		return ERROR_NO_CAPS;
	a->ram_used  += ram;
	a->caps_used += caps;
	return ERROR_OK;
}

static inline void account_give(struct account *a, size_t ram, size_t caps)
{
	a->ram_used  -= ram;
	a->caps_used -= caps;
}
