/* SPDX-License-Identifier: MIT */
/**
 * First C function of core as a program of its own
 */

/* Internal */
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

/* Local */
#include "main.h"
#include "start.h"

struct boot_info const *start_boot_info;
cap_t start_pd, start_thread;

/** Core's first thread, as the system calls' wrappers want to find it */
static struct thread_self self;

void nova_start(struct rpc_message const *m);

void nova_start(struct rpc_message const *m)
{
	start_pd        = m->word[CORE_START_PD];
	start_thread    = m->word[CORE_START_THREAD];
	start_boot_info = (struct boot_info const *)m->word[CORE_START_INFO];

	self.self       = &self;
	self.utcb       = (void *)LAYOUT_CORE_UTCB;
	self.thread.cap = start_thread;
	error_ignore(sys_tls(&self), "a user address");
	core_main();
}
