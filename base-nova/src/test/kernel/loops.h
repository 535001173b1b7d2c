/* SPDX-License-Identifier: MIT */
/**
 * Smallest client and server: registers ready, nothing copied
 */
#pragma once

/* Local */
#include "lab.h"

/** Serve for ever: reply with as many words as the request had */
void loop_server(struct shared *);

/** value[0] calls of cap[0] with value[1] words; value[2] = ticks it took */
void loop_client(struct shared *);

/** value[0] null system calls; value[2] = ticks */
void loop_null(struct shared *);
