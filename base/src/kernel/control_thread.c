/* SPDX-License-Identifier: MIT */
/*
 * Core's operations on threads (core/kernel.h)
 *
 * What a thread's own CPU has to do is posted there; the operation is called
 * again until that is done.
 */

/* Internal */
#include <base/internal/boot.h>
#include <kernel/local.h>
#include <kernel/syscall.h>

enum { FLAGS_IOPL = 3 << 12 };

_Static_assert(offsetof(struct kernel_thread_state, flags)
               == offsetof(struct ec_regs, flags)
               && sizeof(struct kernel_thread_state) <= 8 * RPC_WORDS,
               "registers come first, words of a message");


static struct ec *thread(struct kobject *object)
{
	return container_of(object, struct ec, object);
}


static enum error event(struct ec *ec, struct ec *target, enum ec_event event)
{
	bool const posted = ec->posted == ec->regs.di;
	ec->posted = 0;
	if (!posted)
		ec_post(target, event);
	if (!(target->events & event))
		return ERROR_OK;
	ec->posted = ec->regs.di;
	return SYSCALL_AGAIN;
}


enum error call_thread_resume(struct ec *ec, struct kobject *object)
{
	return event(ec, thread(object), EC_EVENT_RESUME);
}


enum error call_thread_pause(struct ec *ec, struct kobject *object)
{
	return event(ec, thread(object), EC_EVENT_PAUSE);
}


enum error call_thread_unpark(struct ec *ec, struct kobject *object)
{
	return event(ec, thread(object), EC_EVENT_UNPARK);
}


enum error call_thread_schedule(struct ec *ec, struct kobject *object)
{
	struct ec *const target = thread(object);
	uint64_t const priority = ec->regs.si & 0xff;
	uint64_t const group    = ec->regs.si >> 8 & 0xff;
	uint64_t const cpu      = ec->regs.si >> 16;
	if (priority >= KERNEL_PRIORITIES || group >= KERNEL_CPU_GROUPS
	 || cpu >= cpu_count)
		return ERROR_INVALID;
	target->new_priority = (uint8_t)priority;
	target->new_group    = (uint8_t)group;
	target->new_cpu      = cpu_table[cpu];
	ec_post(target, EC_EVENT_SCHEDULE);
	return ERROR_OK;
}


/** 'time' is negative while the thread runs: it began at minus that */
static uint64_t used(int64_t const volatile *time)
{
	int64_t const t = *time;
	return (uint64_t)(t < 0 ? t + (int64_t)cpu_tsc() : t);
}


static enum kernel_thread_run run_state(struct ec const *ec)
{
	switch ((enum ec_state)ec->state) {
	case STATE_RUN:  return ec->paused ? THREAD_STOPPED : THREAD_READY;
	case STATE_PARK: return THREAD_PARKED;
	case STATE_DEAD: return THREAD_DEAD;
	default:         return THREAD_BLOCKED;
	}
}


enum error call_thread_state(struct ec *ec, struct kobject *object)
{
	struct ec const *const target = thread(object);
	struct kernel_thread_state *const state = (void *)ec->utcb->message.word;
	if (target->state == STATE_AWAY && target->away_state == STATE_RUN)
		return SYSCALL_AGAIN;        /* about to be parked at home */
	*(struct ec_regs *)(void *)state = target->regs;
	state->fs            = target->fs;
	state->trap          = target->fault ? target->vector + 1 : 0;
	state->error_code    = target->error_code;
	state->fault_address = target->fault_address;
	state->time          = used(&target->time);
	state->state         = run_state(target);
	return ERROR_OK;
}


static bool settable(struct ec const *ec)
{
	return ec->state == STATE_PARK || (ec->state == STATE_RUN && ec->paused);
}


enum error call_thread_set_state(struct ec *ec, struct kobject *object)
{
	/* copied, as other threads may change it */
	struct kernel_thread_state state =
		*(struct kernel_thread_state const *)(void *)ec->utcb->message.word;
	struct ec *const target = thread(object);
	if (!settable(target)
	 || state.ip >= LAYOUT_USER_END || state.fs >= LAYOUT_USER_END)
		return ERROR_INVALID;

	uint64_t const kept = target->regs.flags & FLAGS_IOPL;
	target->regs       = *(struct ec_regs const *)(void *)&state;
	target->regs.flags = (state.flags & FLAGS_USER) | kept | FLAGS_ON;
	target->fs         = state.fs;
	target->full       = 1;
	return ERROR_OK;
}


/** It stands still, and no CPU has its FPU state in registers */
static enum error line_check(struct ec *target, uint64_t offset)
{
	if ((!target->paused && target->state != STATE_PARK)
	 || offset >= fpu_size || offset % KERNEL_FPU_LINE)
		return ERROR_INVALID;
	if (*(struct ec *const volatile *)&target->cpu->fpu != target)
		return ERROR_OK;
	ec_post(target, EC_EVENT_POKE);
	return SYSCALL_AGAIN;
}


enum error call_thread_fpu(struct ec *ec, struct kobject *object)
{
	struct ec *const target = thread(object);
	enum error const error = line_check(target, ec->regs.si);
	if (!error)
		fpu_line(ec->utcb->message.word, target->fpu, ec->regs.si);
	return error;
}


enum error call_thread_set_fpu(struct ec *ec, struct kobject *object)
{
	struct ec *const target = thread(object);
	enum error const error = line_check(target, ec->regs.si);
	if (error || !settable(target))
		return error ? error : ERROR_INVALID;
	ec->missing = 1;
	if (!ec_fpu_enable(target))
		return ERROR_KERNEL_RAM;
	fpu_set_line(target->fpu, ec->regs.si, ec->utcb->message.word);
	return ERROR_OK;
}


enum error call_thread_time(struct ec *ec, struct kobject *object)
{
	ec->regs.di = used(&thread(object)->time);
	return ERROR_OK;
}


enum error call_idle_time(struct ec *ec, struct kobject *none)
{
	if (ec->regs.di >= cpu_count)
		return ERROR_INVALID;
	ec->regs.di = used(&cpu_table[ec->regs.di]->local->idle_time);
	return ERROR_OK;
}
