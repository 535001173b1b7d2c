/* SPDX-License-Identifier: MIT */
/**
 * I/O ports of a device; the text names the range: "io_port | base: 0x3f8 | size: 8"
 *
 * It is what the route grants (doc/configuration.md); the text may be missing then.
 * Interrupt controllers, and what resets the machine or puts it to sleep, are
 * refused: the registers by opening, the keyboard controller's commands and the
 * byte at 0xcf9 by access.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } io_port_cap_t;

SERVICE(io_port, "IO_PORT", 6 * 1024, 2);

/** 'port' is absolute, 'width' 1, 2 or 4 bytes. Returns DENIED outside the range, or
 *  where it would reset the machine */
RPC enum error io_port_read(io_port_cap_t io, IN uint16_t port, IN uint8_t width,
                            OUT uint32_t *value);
RPC enum error io_port_write(io_port_cap_t io, IN uint16_t port, IN uint8_t width,
                             IN uint32_t value);

/** Write 'count' (at most 64) bytes of 'data' to one 8-bit port, one by one */
RPC enum error io_port_write_bytes(io_port_cap_t io, IN uint16_t port,
                                   IN STRING(65) data);
