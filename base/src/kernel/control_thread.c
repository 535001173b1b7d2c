/* SPDX-License-Identifier: MIT */
/*
 * Privileged operations on threads
 *
 * What a thread's own CPU has to do is posted there; the operation is called
 * again until that is done.
 */

/* Internal */
#include <kernel/control.h>
#include <kernel/local.h>
#include <kernel/panic.h>

/* Flags that a thread may set itself (SDM 1, 3.4.3) */
enum { FLAGS_USER = 0x240dd5, FLAGS_IOPL = 3 << 12, FLAGS_ON = 1 << 9 | 1 << 1 };


static struct ec *thread(struct ec *ec, cap_t name, enum error *error)
{
	struct kobject *const o =
		cap_typed(&ec->pd->caps, name, RIGHT_CONTROL, KOBJECT_EC, error);
	return o ? container_of(o, struct ec, object) : NULL;
}


enum error control_thread_event(struct ec *ec, cap_t name, enum ec_event event)
{
	enum error error;
	struct ec *const target = thread(ec, name, &error);
	bool const posted = ec->posted == name;
	ec->posted = 0;
	if (!target)
		return error;

	if (!posted)
		ec_post(target, event);
	if (!(target->events & event))
		return ERROR_OK;
	ec->posted = name;
	return CONTROL_AGAIN;
}


enum error control_thread_priority(struct ec *ec, cap_t name, uint64_t priority)
{
	enum error error;
	struct ec *const target = thread(ec, name, &error);
	if (!target)
		return error;
	if (priority >= KERNEL_PRIORITIES)
		return ERROR_INVALID;
	target->new_priority = (uint8_t)priority;
	return control_thread_event(ec, name, EC_EVENT_PRIORITY);
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


enum error control_thread_state(struct ec *ec, cap_t name,
                                struct kernel_thread_state *state)
{
	enum error error;
	struct ec const *const target = thread(ec, name, &error);
	if (!target)
		return error;

	struct ec_regs const *const r = &target->regs;
	*state = (struct kernel_thread_state) {
		.ax  = r->ax,  .bx  = r->bx,  .cx  = r->cx,  .dx  = r->dx,
		.si  = r->si,  .di  = r->di,  .bp  = r->bp,  .sp  = r->sp,
		.r8  = r->r8,  .r9  = r->r9,  .r10 = r->r10, .r11 = r->r11,
		.r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.ip  = r->ip,  .flags = r->flags, .fs = target->fs,
		.trap          = target->fault ? target->vector + 1 : 0,
		.error_code    = target->error_code,
		.fault_address = target->fault_address,
		.time          = used(&target->time),
		.state         = run_state(target),
	};
	return ERROR_OK;
}


enum error control_thread_set_state(struct ec *ec, cap_t name,
                                    struct kernel_thread_state const *s)
{
	enum error error;
	struct ec *const target = thread(ec, name, &error);
	if (!target)
		return error;
	bool const stopped = target->state == STATE_RUN && target->paused;
	if ((!stopped && target->state != STATE_PARK)
	 || s->ip >= LAYOUT_USER_END || s->fs >= LAYOUT_USER_END)
		return ERROR_INVALID;

	uint64_t const kept = target->regs.flags & FLAGS_IOPL;
	target->regs = (struct ec_regs) {
		.ax  = s->ax,  .bx  = s->bx,  .cx  = s->cx,  .dx  = s->dx,
		.si  = s->si,  .di  = s->di,  .bp  = s->bp,  .sp  = s->sp,
		.r8  = s->r8,  .r9  = s->r9,  .r10 = s->r10, .r11 = s->r11,
		.r12 = s->r12, .r13 = s->r13, .r14 = s->r14, .r15 = s->r15,
		.ip  = s->ip,
		.flags = (s->flags & FLAGS_USER) | kept | FLAGS_ON,
	};
	target->fs   = s->fs;
	target->full = 1;
	return ERROR_OK;
}


enum error control_thread_time(struct ec *ec, cap_t name, uint64_t *time)
{
	enum error error;
	struct ec const *const target = thread(ec, name, &error);
	if (target)
		*time = used(&target->time);
	return error;
}


enum error control_idle_time(uint64_t cpu, uint64_t *time)
{
	if (cpu >= cpu_count)
		return ERROR_INVALID;
	*time = used(&cpu_table[cpu]->local->idle_time);
	return ERROR_OK;
}
