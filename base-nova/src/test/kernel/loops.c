/* SPDX-License-Identifier: MIT */

/* Internal */
#include <base/internal/abi.h>

/* Local */
#include "loops.h"


void loop_server(struct shared *shared)
{
	__asm__ volatile (
		"	mov %[wait], %%edx\n"
		"1:	syscall\n"
		"	mov %[reply], %%dl\n"
		"	jmp 1b\n"
		:: [wait] "i" (SYS_WAIT), [reply] "i" (SYS_REPLY_WAIT) : "memory");
}


void loop_client(struct shared *shared)
{
	uint64_t const portal = shared->cap[0];
	uint64_t const info   = SYS_CALL | shared->value[1] << ABI_WORDS_SHIFT;
	uint64_t count = shared->value[0], worst = 0;

	uint64_t const start = tsc();
	for (; count; count--) {
		uint64_t dx = info, di = portal;
		__asm__ volatile ("syscall" : "+d" (dx), "+D" (di)
		                  :: "rax", "rsi", "rcx", "r8", "r9", "r10", "r11",
		                     "memory");
		worst |= dx & 0xff;
	}
	shared->value[2] = tsc() - start;
	shared->value[3] = worst;
}


void loop_null(struct shared *shared)
{
	uint64_t count = shared->value[0];
	uint64_t const start = tsc();
	for (; count; count--) {
		uint64_t dx = SYS_YIELD;
		__asm__ volatile ("syscall" : "+d" (dx)
		                  :: "rcx", "r11", "memory");
	}
	shared->value[2] = tsc() - start;
}
