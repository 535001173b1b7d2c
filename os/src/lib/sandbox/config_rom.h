/* SPDX-License-Identifier: MIT */
/** ROM session with a child's inline configuration, served by the sandbox */
#pragma once

#include "connection.h"

/** Returns DONATE_RAM, NO_RAM, NO_CAPS */
enum error config_rom_open(struct connection *connection) MUST_USE;
void config_rom_close(struct connection *connection);

/** RAM in use for it, of the sandbox's account */
size_t config_rom_used(struct connection const *connection);

/** The inline configuration of the client may have changed */
void config_rom_update(struct connection *connection);
