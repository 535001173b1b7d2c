/* SPDX-License-Identifier: MIT */
/*
 * From boot to the first thread: core's
 */

/* Internal */
#include <base/internal/abi.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/sched.h>

enum { CORE_FRAMES = 16, CORE_PRIORITY = KERNEL_PRIORITIES - 1 };

/** In entry.S: return to user mode, as sched_next decides */
_Noreturn void entry_return(void);


static cap_t name_of(struct kobject *object)
{
	cap_t name;
	if (cap_add(pd_core, object, RIGHT_CONTROL, NULL, &name))
		panic("core: no memory for its names");
	return name;
}


static void thread_new(struct core_entry const *entry)
{
	struct ec *const ec = pd_object_new(pd_core, KOBJECT_EC);
	if (!ec)
		panic("core: no memory for its first thread");
	ec_init(ec, pd_core, cpu_table[0]);
	ec->priority  = ec->level = CORE_PRIORITY;
	ec->regs.ip   = entry->ip;
	ec->regs.sp   = entry->sp;
	ec->regs.di   = ec->utcb_user = entry->utcb_user;
	ec->utcb      = entry->utcb;
	ec->paused    = false;

	uint64_t *const word = entry->utcb->message.word;
	word[CORE_START_PD]     = name_of(&pd_core->object);
	word[CORE_START_THREAD] = name_of(&ec->object);
	word[CORE_START_INFO]   = entry->info;
	word[CORE_START_PHYS]   = entry->phys;
	sched_start(ec);
}


void kernel_init(void)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		sched_init(cpu_table[i]);
	if (!boot_info.modules_size)
		panic("boot image: there is none");
	pd_core = pd_create(boot_frames(CORE_FRAMES), CORE_FRAMES);
	struct core_entry const entry = core_start();
	thread_new(&entry);
}


/** The stack is this CPU's own, and is used from its top on from now on */
_Noreturn void kernel_cpu_main(void)
{
	fpu_disable();
	cpu_self()->space = &page_table_kernel;
	sched_again(AGAIN_CHOOSE);
	entry_return();
}
