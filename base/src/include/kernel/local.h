/* SPDX-License-Identifier: MIT */
/**
 * Per-CPU data of objects and scheduler
 */
#pragma once

/* Internal */
#include <core/control.h>
#include <kernel/budget.h>
#include <kernel/ec.h>
#include <kernel/ready_queues.h>
#include <kernel/time_queue.h>

struct cpu_local {
	/* own CPU */
	struct ready_queues ready;
	struct budget   budget;
	struct list     wake;        /* SCs to be made ready */
	struct list     moving;      /* ECs that may be able to move now */
	struct ec      *go;          /* end of the current SC's chain (AGAIN_GO) */
	struct ec      *charged;     /* SC that time goes to, NULL: none … */
	uint64_t        since;       /* … since then */
	uint64_t        quantum_end;
	int64_t         idle_time;   /* as ec.time; read by others */

	/* any CPU */
	struct mailbox  mailbox;
	uint64_t volatile round;     /* last one reported */
	uint8_t volatile  idle;      /* 1: halted, holds no pointer; else 0 */

	/* lock: 'timer_lock' */
	struct lock     timer_lock;
	struct time_node *timeouts;  /* of signals */
};

static inline struct cpu_local *cpu_local(void)
{
	return cpu_self()->local;
}
