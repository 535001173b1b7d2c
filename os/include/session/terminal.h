/* SPDX-License-Identifier: MIT */
/** Terminal: a stream of characters in both directions */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } terminal_cap_t;

SERVICE(terminal, "Terminal", 16 * 1024, 4);

enum { TERMINAL_CHUNK = 256 };

/**
 * Write text; 'written' bytes of it were taken, the rest when there is room
 *
 * NUL cannot be written. A session's 'changed' handler tells when there is room.
 */
RPC enum error terminal_write(terminal_cap_t terminal, IN STRING(256) text,
                              OUT uint32_t *written);

/** Read what was typed, perhaps nothing; NULs are dropped */
RPC enum error terminal_read(terminal_cap_t terminal, OUT char text[256]);

/** Signal when there is something to read, or room after a full write; null: none */
RPC enum error terminal_changed(terminal_cap_t terminal, IN OPT signal_cap_t handler);

/** Columns and rows; 80 and 24 if the device does not tell */
RPC enum error terminal_size(terminal_cap_t terminal, OUT uint32_t *columns,
                             OUT uint32_t *rows);
