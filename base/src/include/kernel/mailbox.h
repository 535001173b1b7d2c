/* SPDX-License-Identifier: MIT */
/**
 * Mailbox of a CPU: where other CPUs put work for it
 *
 * First in, first out for each sender. Nodes are embedded; each is in at most
 * one mailbox. The interrupt that goes with the first node is taken before
 * anything else runs in user mode.
 */
#pragma once

#include <stdint.h>

struct cpu;

enum mail_type { MAIL_RECORD, MAIL_RECALL, MAIL_EVENT, MAIL_SIGNAL };

struct mail { struct mail *next; uint64_t type; };

struct mailbox { struct mail *volatile newest; };

void mailbox_put(struct cpu *, struct mail *);

/** Handle all that is there for the running CPU */
void mailbox_serve(void);
