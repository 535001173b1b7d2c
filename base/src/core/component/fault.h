/* SPDX-License-Identifier: MIT */
/**
 * Faults of threads: memory mapped on demand, all else stops the culprit
 */
#pragma once

#include <base/rpc.h>
#include <base/internal/sys.h>
#include <rpc/rm.h>

struct region_map;
struct thread;

/** Once, before any component starts. Returns NO_RAM */
enum error fault_init(void) MUST_USE;

/** Answer a fault message */
enum sys_reply fault_handle(struct thread *thread, struct rpc_message *m);

/** See rm_fault, rm_resume. False: not all yet, see work.h */
enum error fault_oldest(struct region_map *map, uint64_t *address,
                        enum rm_access *access) MUST_USE;
bool fault_resume_all(struct region_map *map) MUST_USE;
