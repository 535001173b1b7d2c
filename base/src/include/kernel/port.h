/* SPDX-License-Identifier: MIT */
/**
 * I/O ports
 */
#pragma once

#include <stdint.h>

static inline void port_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile ("outb %0, %1" :: "a" (value), "Nd" (port) : "memory");
}

static inline uint8_t port_in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile ("inb %1, %0" : "=a" (value) : "Nd" (port) : "memory");
	return value;
}
