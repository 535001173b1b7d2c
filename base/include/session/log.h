/* SPDX-License-Identifier: MIT */
/** Log output of a component; the server puts the session's label in front */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

SERVICE(log, "LOG", 6 * 1024, 2);

enum { LOG_TEXT = 232 };

/** Write text: printable UTF-8, lines end by a newline. Never waits for a reader */
RPC enum error log_write(log_cap_t log, IN STRING(232) text);
