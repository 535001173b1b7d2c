/* SPDX-License-Identifier: MIT */
/**
 * Mailbox of a CPU: where other CPUs put work for it
 *
 * First in, first out for each sender. Nodes are embedded; each is in at most
 * one mailbox. The interrupt that goes with the first node is taken before
 * anything else runs in user mode, and serves a bounded number.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/** 'open' is called at the CPU that it was sent to, and may send it on */
struct mail {
	struct mail      *next;
	void            (*open)(struct mail *);
	uint64_t volatile sent;         /* 1: in a mailbox; else 0 */
};

struct mailbox {
	struct mail *volatile newest;   /* any CPU: last in, first out */
	struct mail *taken, *oldest;    /* own CPU: to be turned round, and opened */
};

/** Nothing happens if it is in a mailbox already */
void mailbox_put(struct cpu *, struct mail *);

/** Open some mail of the running CPU; false: there is more, it is interrupted again */
bool mailbox_serve(void);
