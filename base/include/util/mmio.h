/* SPDX-License-Identifier: MIT */
/**
 * Memory-mapped device registers
 *
 * Each access is one load or store of its width, in program order. Offsets are
 * the driver's constants and are not checked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mmio
{
	char volatile *base;  /* NULL: closed */
	size_t         size;
};

#define MMIO_ACCESS_(bits) \
	static inline uint##bits##_t mmio_read##bits(struct mmio const *mmio, \
	                                             size_t offset) \
	{ \
		return *(uint##bits##_t volatile *)(void volatile *) \
		       (mmio->base + offset); \
	} \
	\
	static inline void mmio_write##bits(struct mmio const *mmio, \
	                                    size_t offset, \
	                                    uint##bits##_t value) \
	{ \
		*(uint##bits##_t volatile *)(void volatile *) \
		(mmio->base + offset) = value; \
	}

MMIO_ACCESS_(8)
MMIO_ACCESS_(16)
MMIO_ACCESS_(32)
MMIO_ACCESS_(64)

#undef MMIO_ACCESS_
