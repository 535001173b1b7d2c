/* SPDX-License-Identifier: MIT */
/** What the parts of the test have in common */
#pragma once

#include "test.h"

/** Number of the CPU that this is, as the hardware tells it */
unsigned here(void);

/** The same for a CPU of the test's session */
unsigned apic_id(uint32_t cpu);

/** Some thread of the test by its name */
thread_cap_t named(char const *name);

/* doing something (states.c) */
void moves_running(void);
void moves_registers(void);
void moves_waiting(void);
void moves_paused(void);
void moves_parked(void);
void moves_new(void);
void moves_killed(void);
void moves_sessions(void);
void keeps_priority(void);
void refuses(void);

/* what a call holds back, and lists (held.c) */
void moves_after_reply(void);
void lists_all(void);
void moves_dying(void);

/* with calls and signals everywhere (storm.c) */
void storm_of_calls(void);
void storm_of_signals(void);
void storm_of_deaths(void);
