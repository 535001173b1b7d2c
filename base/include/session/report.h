/* SPDX-License-Identifier: MIT */
/** Report: a component's state, as HID text, for whoever is routed to it */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } report_cap_t;

/** The text names the buffer's size: "report | buffer: 4096" */
SERVICE(report, "Report", 12 * 1024, 4);

/** Buffer to write into */
RPC enum error report_dataspace(report_cap_t report, OUT dataspace_cap_t *ds);

/** Its first 'size' bytes are the new report. Returns LIMIT */
RPC enum error report_submit(report_cap_t report, IN uint64_t size);
