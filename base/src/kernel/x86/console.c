/* SPDX-License-Identifier: MIT */
/**
 * COM1: a 16550 at its customary address, polled (NS16550D data sheet, 8.0)
 */

/* Public */
#include <util/format.h>

/* Internal */
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/port.h>

/* Local */
#include "init.h"

enum { COM1 = 0x3f8, DATA = COM1, INTERRUPTS = COM1 + 1, FIFO = COM1 + 2,
       LINE_CONTROL = COM1 + 3, MODEM_CONTROL = COM1 + 4,
       LINE_STATUS = COM1 + 5, SCRATCH = COM1 + 7 };

enum { STATUS_EMPTY = 0x20, TRIES = 1000000 };

static bool present;

void console_init(void)
{
	port_out8(SCRATCH, 0x5a);
	present = port_in8(SCRATCH) == 0x5a;
	if (!present)
		return;
	port_out8(INTERRUPTS, 0);
	port_out8(LINE_CONTROL, 0x80);  /* divisor: 115200 baud */
	port_out8(DATA, 1);
	port_out8(INTERRUPTS, 0);
	port_out8(LINE_CONTROL, 0x03);  /* 8 bits, no parity, 1 stop bit */
	port_out8(FIFO, 0x07);          /* on, emptied */
	port_out8(MODEM_CONTROL, 0x0b); /* DTR, RTS, OUT2 */
}

void console_put(char c)
{
	if (!present)
		return;
	for (unsigned i = 0; i < TRIES; i++) {
		if (port_in8(LINE_STATUS) & STATUS_EMPTY)
			break;
		cpu_pause();
	}
	port_out8(DATA, (uint8_t)c);
}

/** Lines of several CPUs do not mix, unless one of them does not come back */
static void put_all(char const *text)
{
	static bool lock;
	for (unsigned i = 0; i < TRIES; i++) {
		if (!__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
			break;
		cpu_pause();
	}
	while (*text)
		console_put(*text++);
	__atomic_clear(&lock, __ATOMIC_RELEASE);
}

void console_vprint(char const *format, va_list arguments)
{
	char line[256];
	format_print(line, sizeof line, format, arguments);
	put_all(line);
}

void console_print(char const *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	console_vprint(format, arguments);
	va_end(arguments);
}
