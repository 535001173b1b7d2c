/* SPDX-License-Identifier: MIT */
/** Own copy of a configuration, and what it says beside start nodes */
#pragma once

#include <base/error.h>
#include <os/sandbox.h>

/** Copy and read it. Returns NO_RAM, INVALID (logged) */
enum error config_open(struct sandbox *sandbox, struct hid const *top,
                       struct sandbox_config *config) MUST_USE;

/** Only copy it: 'text' and 'nodes'. NO_RAM: config_free is due all the same */
enum error config_copy(struct sandbox *sandbox, struct hid const *top,
                       struct sandbox_config *config) MUST_USE;

/** Check a configuration of which 'former' was right, or NULL. INVALID: logged */
enum error sandbox_check(struct hid const *config,
                         struct hid const *former) MUST_USE;

/** Let all sessions follow their routes; who does not cope is stopped */
void sandbox_reroute(struct sandbox *sandbox);

/** Start who is stopped */
void sandbox_start_stopped(struct sandbox *sandbox);

/** Idempotent; zeroed memory is a closed one */
void config_free(struct sandbox *sandbox, struct sandbox_config *config);
