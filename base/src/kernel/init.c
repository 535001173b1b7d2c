/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/main.h>
#include <kernel/sched.h>

/** In entry.S: return to user mode, as sched_next decides */
_Noreturn void entry_return(void);


void kernel_init(void)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		sched_init(cpu_table[i]);
	core_start();
}


/** The stack is this CPU's own, and is used from its top on from now on */
_Noreturn void kernel_cpu_main(void)
{
	fpu_disable();
	cpu_self()->space = &page_table_kernel;
	sched_again(AGAIN_CHOOSE);
	entry_return();
}
