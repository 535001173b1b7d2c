/* SPDX-License-Identifier: MIT */
/**
 * Grant: what a route says about the session itself
 *
 *     + service IO_PORT | + parent | + io_port | base: 0x3f8 | size: 8
 *     + service IRQ     | + parent | + irq | gsi: 4
 *     + service Log     | + child logger | + session | buffer: 64K
 *
 * A client gets I/O ports, device memory and interrupts of the own parent only
 * within a grant. "session" replaces the client's text by another one.
 */
#pragma once

#include <base/hid.h>
#include <base/session.h>

enum grant_kind { GRANT_IO_PORT, GRANT_IO_MEM, GRANT_IRQ, GRANT_TEXT };

struct grant {
	enum grant_kind kind;
	unsigned        target;      /* number below its rule */
	uint64_t        base, size;  /* size 0: any; 'base' also: gsi */
	bool            fixed;       /* IRQ: 'base' is the only one */
	char const     *text;        /* IRQ: trigger; TEXT: all; NULL: any */
};

/** By how much a text can be longer than the node: "name:" is short there */
enum { GRANT_EXTRA = 16 };

/** Name of the service whose sessions need such a grant; NULL: none */
char const *grant_service(enum grant_kind kind);

/** Whether sessions of that service are given by grants only */
bool grant_needed(char const *service);

/** Kind of a node by its type; false: it is no grant */
bool grant_kind_of(struct hid const *node, enum grant_kind *kind);

/**
 * Read 'node'; strings are written to *pool, which has room for the node's text
 * and GRANT_EXTRA more
 *
 * What is wrong with it; NULL: nothing.
 */
char const *grant_read(struct grant *grant, struct hid const *node, char **pool);

/**
 * The session's text for a client that asked by 'asked'
 *
 * False: it asked for something else.
 */
bool grant_text(struct grant const *grant, char const *asked,
                char text[SESSION_ARGS]);
