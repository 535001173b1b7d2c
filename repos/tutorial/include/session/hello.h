/* SPDX-License-Identifier: MIT */
/** The tutorial's service: a server that greets, and counts how often */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } hello_cap_t;

SERVICE(hello, "Hello", 16 * 1024, 4);

/** A greeting for 'name', and how many there were in this session */
RPC enum error hello_greet(hello_cap_t hello, IN STRING(32) name,
                           OUT char text[64], OUT uint32_t *count);
