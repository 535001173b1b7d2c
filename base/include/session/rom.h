/* SPDX-License-Identifier: MIT */
/** Read-only memory object, whose content may be replaced over time */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

SERVICE(rom, "ROM", 6 * 1024, 3);

/**
 * Most recent content; valid until the next call of it. Size in bytes
 *
 * Returns NO_RAM, NOT_FOUND (no content yet), GONE.
 */
RPC enum error rom_dataspace(rom_cap_t rom, OUT dataspace_cap_t *ds,
                             OUT uint64_t *size);

/** Signal at each change of the content; null: none */
RPC enum error rom_changed(rom_cap_t rom, IN OPT signal_cap_t handler);
