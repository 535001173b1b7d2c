/* SPDX-License-Identifier: MIT */
/**
 * First C function of core, on the stack that the kernel made
 */

/* Internal */
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

/* Local */
#include "main.h"
#include "start.h"

struct boot_info const *start_boot_info;
cap_t    start_pd, start_thread;
uint64_t start_phys;

/** Core's first thread, as the system calls' wrappers want to find it */
static struct thread_self self;

void core_enter(struct rpc_message const *m);

/** 'm' is the thread's message buffer */
void core_enter(struct rpc_message const *m)
{
	start_pd        = m->word[CORE_START_PD];
	start_thread    = m->word[CORE_START_THREAD];
	start_boot_info = (struct boot_info const *)m->word[CORE_START_INFO];
	start_phys      = m->word[CORE_START_PHYS];

	self.self       = &self;
	self.utcb       = (void *)m;
	self.thread.cap = start_thread;
	error_ignore(sys_tls(&self), "core's own address");
	core_main();
}
