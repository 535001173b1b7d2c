/* SPDX-License-Identifier: MIT */
/**
 * Call that is not traced, whatever the thread's policy
 */
#pragma once

#include <base/rpc.h>

enum error rpc_call_plainly(cap_t object, struct rpc_message *m, unsigned caps) MUST_USE;
