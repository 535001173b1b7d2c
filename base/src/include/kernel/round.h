/* SPDX-License-Identifier: MIT */
/**
 * Grace periods
 *
 * A round is over when each CPU has been outside the kernel since it began, and
 * has emptied its mailbox: nobody holds a pointer from before.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Start a round; its number */
uint64_t round_start(void);

/** Whether it is over. The running CPU counts as outside: see round.c */
bool round_over(uint64_t round);

/** The running CPU is about to halt; was interrupted while it was halted */
void round_leave(void);
void round_enter(void);

/** At VECTOR_MAILBOX: empty the mailbox and report */
void round_serve(void);
