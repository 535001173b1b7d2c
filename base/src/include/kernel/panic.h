/* SPDX-License-Identifier: MIT */
/**
 * Debug console and the end of the world
 */
#pragma once

#include <stdarg.h>
#include <stdint.h>

/** What entry.S leaves on the stack for a trap in the kernel, low to high */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t bp, di, si, dx, cx, bx, ax;
	uint64_t vector, error_code;
	uint64_t ip, cs, flags, sp, ss;
};

/** Characters to COM1; waits for the transmitter, translates no newline */
void console_put(char c);

/**
 * Print a line, in the notation of printf as far as the kernel needs it: %s, and
 * %u, %x, %lu, %lx, perhaps with leading zeros (%016lx); less than 20 digits
 */
void console_vprint(char const *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));
void console_print(char const *format, ...) __attribute__((format(printf, 1, 2)));

/** Print "panic: …", stop all CPUs */
_Noreturn void panic(char const *format, ...) __attribute__((format(printf, 1, 2)));

/** Same for an exception in the kernel, with registers */
_Noreturn void panic_trap(struct trap_frame const *);

/** An NMI: another CPU's panic stops this one, others are counted. May return */
void panic_nmi(struct trap_frame const *);

/** Reset the machine; returns only if nothing helped */
void machine_reset(void);
