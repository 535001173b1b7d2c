/* SPDX-License-Identifier: MIT */
/**
 * Interrupt; the text names it: "irq | gsi: 4 | trigger: edge" (or level_low,
 * level_high, msi), within what the route grants (doc/configuration.md)
 *
 * It arrives at the first CPU of the session's affinity, which lies within the
 * client's; the signal's thread is woken on its own CPU.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } irq_cap_t;

SERVICE(irq, "IRQ", 6 * 1024, 4);

/** Signal at each interrupt, which stays masked until irq_ack; null: none */
RPC enum error irq_handler(irq_cap_t irq, IN OPT signal_cap_t handler);
RPC enum error irq_ack(irq_cap_t irq);

/** Address and data of an MSI (SDM volume 3, 11.11). Returns INVALID for others */
RPC enum error irq_msi(irq_cap_t irq, OUT uint64_t *address, OUT uint32_t *data);
