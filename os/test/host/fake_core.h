/* SPDX-License-Identifier: MIT */
/**
 * Core and base library as the sandbox sees them, with accounts to the byte
 *
 * Names of capabilities are counted: what was received must be dropped. Signals
 * are noted, and handled by fake_run.
 */
#pragma once

#include <base/env.h>
#include <base/session.h>
#include <session/pd.h>

enum { FAKE_PDS = 64, FAKE_RAM = 64 << 20, FAKE_CAPS = 5000 };

struct fake_pd {
	bool     used, started, referenced;
	uint64_t ram, caps;              /* in the account */
	uint64_t paid_ram, paid_caps;    /* for the session itself */
	cap_t    parent, log, binary, seen_pd, seen_cpu;
	char     label[SESSION_LABEL], text[SESSION_ARGS];
};

extern struct fake_pd fake_pds[FAKE_PDS];   /* [0] is the sandbox's own */
extern struct env     fake_env;
extern uint64_t       fake_time;            /* what clock_us says */
extern char           fake_log[4096];       /* all messages since the last reset */
extern char           fake_parent_label[SESSION_LABEL]; /* last asked of the parent */
extern uint32_t       fake_cpu_first, fake_cpu_count;   /* of the same */
extern char           fake_parent_text[SESSION_ARGS];   /* of the same */
extern char           fake_limits[SESSION_ARGS];        /* last session_change */
extern enum error     fake_change_answer;   /* of that, and of parent_change */
extern struct affinity fake_affinity;       /* last parent_move */
extern struct affinity fake_own_affinity;   /* last session_move */
extern bool           fake_fault;           /* cpu_fault has one */
extern enum error     fake_resource_answer; /* of the own parent */
extern uint64_t       fake_asked_ram, fake_asked_caps; /* of it */

void fake_reset(void);

/** Handle signals until there are none */
void fake_run(void);

/** Times the signal 'cap' was submitted since the last call */
unsigned fake_signals(cap_t cap);

extern bool           fake_slow;            /* all sessions are pending */

/** Let the parent lose the session of 'cap' */
void fake_lose(cap_t cap);

/** Let the parent answer all pending sessions: OK, or a refusal */
void fake_answer(enum error error);

/** RAM in all accounts and bound in sessions; it must always be FAKE_RAM */
uint64_t fake_total_ram(void);
uint64_t fake_total_caps(void);

/** Sum of capability names that are held, and of allocations */
int fake_held(void);
int fake_allocated(void);
