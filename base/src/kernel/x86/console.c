/* SPDX-License-Identifier: MIT */
/**
 * COM1: a 16550 at its customary address, polled (NS16550D data sheet, 8.0)
 */

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

/** Digits of a number, at least 'width' */
static void put_number(uint64_t value, unsigned base, unsigned width)
{
	char digits[20];
	unsigned n = 0;
	for (; value || n < width || !n; value /= base)
		digits[n++] = "0123456789abcdef"[value % base];
	while (n)
		console_put(digits[--n]);
}

static void put_string(char const *text)
{
	while (*text)
		console_put(*text++);
}

/** Carry out the conversion behind a '%'; returns its letter's place */
static char const *convert(char const *at, va_list *list)
{
	unsigned width = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		width = (width * 10 + (unsigned)(*at - '0')) % 20;
	if (*at == 's') {
		put_string(va_arg(*list, char const *));
		return at;
	}
	bool const wide = *at == 'l';
	uint64_t const value = wide ? va_arg(*list, uint64_t)
	                            : va_arg(*list, unsigned);
	at += wide;
	put_number(value, *at == 'x' ? 16 : 10, width);
	return at;
}

/** Lines of several CPUs do not mix, unless one of them does not come back */
void console_vprint(char const *format, va_list list)
{
	static bool lock;
	for (unsigned i = 0; i < TRIES; i++) {
		if (!__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
			break;
		cpu_pause();
	}
	va_list copy;        /* a parameter's type may be a pointer's */
	va_copy(copy, list);
	for (; *format; format++)
		if (*format == '%')
			format = convert(format + 1, &copy);
		else
			console_put(*format);
	va_end(copy);
	__atomic_clear(&lock, __ATOMIC_RELEASE);
}

void console_print(char const *format, ...)
{
	va_list list;
	va_start(list, format);
	console_vprint(format, list);
	va_end(list);
}
