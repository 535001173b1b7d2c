/* SPDX-License-Identifier: MIT */
/** Own copy of a configuration, and what it says beside start nodes */
#pragma once

#include <base/error.h>
#include <os/sandbox.h>

/** Copy and read it. Returns NO_RAM, INVALID (logged) */
enum error config_open(struct sandbox *sandbox, struct hid const *top,
                       struct sandbox_config *config) MUST_USE;

/** Idempotent; zeroed memory is a closed one */
void config_free(struct sandbox *sandbox, struct sandbox_config *config);
