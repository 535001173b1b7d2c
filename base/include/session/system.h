/* SPDX-License-Identifier: MIT */
/**
 * System: end all of it
 *
 * Who has this capability can stop the machine, so nobody is routed to it by
 * accident: "any-service" does not lead to core unless "parent-provides" lists
 * System, and a route of its own keeps it from others.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } system_cap_t;

SERVICE(system, "System", 6 * 1024, 2);

/**
 * Start again, or switch off (ACPI S5). What is in the log is written before;
 * nobody else is asked or told. Returns only if the machine offers no way that
 * works: NOT_FOUND
 */
RPC enum error system_reboot(system_cap_t system);
RPC enum error system_power_off(system_cap_t system);
