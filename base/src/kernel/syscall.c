/* SPDX-License-Identifier: MIT */
/*
 * System calls off the fast path: dispatch, and those that everybody may use
 */

/* Internal */
#include <base/internal/boot.h>
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/supervisor.h>
#include <kernel/syscall.h>

enum { SYSCALL_LENGTH = 2 };    /* bytes of the instruction */

struct operation {
	enum error (*execute)(struct ec *, struct kobject *);
	uint8_t      type, rights;
};

/* One for each value of the number's 8 bits */
#define OPERATION(name, function, type, rights) \
	[SYS_##name] = { call_##function, KOBJECT_##type, rights },
static struct operation const operations[256] = { SYSCALLS(OPERATION) };


void syscall_result(struct ec *ec, enum error error)
{
	uint64_t const missing = error == ERROR_KERNEL_RAM ? ec->missing : 0;
	ec->regs.dx = missing << ABI_MISSING_SHIFT | (uint64_t)error;
}


enum error call_yield(struct ec *ec, struct kobject *object)
{
	sched_yield();
	return ERROR_OK;
}


static void submit(struct ec *ec)
{
	enum error error;
	struct kobject *const object = cap_typed(&ec->pd->caps, ec->regs.di,
		RIGHT_SUBMIT, KOBJECT_SIGNAL, &error);
	struct signal *const signal =
		object ? container_of(object, struct signal, object) : NULL;
	if (signal && !signal->ec)
		error = ERROR_GONE;
	syscall_result(ec, error);
	if (!error)
		signal_submit(signal);
}


/** Signal of a thread of the own domain */
static enum error own_signal(struct ec const *ec, struct signal const *signal)
{
	struct ec const *const bound = signal->ec;
	if (!bound)
		return ERROR_GONE;
	return bound->pd == ec->pd ? ERROR_OK : ERROR_INVALID;
}


enum error call_signal_wait(struct ec *ec, struct kobject *none)
{
	struct signal *signal = NULL;    /* name 0: for ever */
	if (ec->regs.di) {
		enum error error;
		struct kobject *const object = cap_typed(&ec->pd->caps,
			ec->regs.di, 0, KOBJECT_SIGNAL, &error);
		if (!object)
			return error;
		signal = container_of(object, struct signal, object);
		error = own_signal(ec, signal);
		if (error || signal->ec != ec)
			return error ? error : ERROR_INVALID;
	}
	/* a count without a place in the list is on its way by mailbox */
	if (signal && list_linked(&signal->pending)) {
		ec->regs.si = signal_take(signal);
	} else {
		ec->state = STATE_BLOCK;
		ec->waits = signal;
		sched_again(AGAIN_WALK);
		if (cpu_self()->sc == ec)
			sched_block(ec);
	}
	return ERROR_OK;
}


enum error call_signal_timeout(struct ec *ec, struct kobject *object)
{
	struct signal *const signal = container_of(object, struct signal, object);
	enum error const error = own_signal(ec, signal);
	if (!error)
		signal_timeout(signal, ec->regs.si);
	return error;
}


enum error call_cap_release(struct ec *ec, struct kobject *object)
{
	uint64_t const n = ec->regs.si < UINT32_MAX ? ec->regs.si : UINT32_MAX;
	return cap_release(ec->pd, ec->regs.di, (uint32_t)n);
}


enum error call_cap_probe(struct ec *ec, struct kobject *object)
{
	uint8_t rights;
	return cap_object(ec->pd, ec->regs.di, &rights) ? ERROR_OK : ERROR_GONE;
}


enum error call_tls(struct ec *ec, struct kobject *object)
{
	uint64_t const base = ec->regs.di;
	if (base >= LAYOUT_USER_END && !ec->supervisor)
		return ERROR_INVALID;
	ec->fs = base;
	cpu_msr_write(MSR_FS_BASE, base);
	return ERROR_OK;
}


enum error call_thread_clock(struct ec *ec, struct kobject *object)
{
	ec->regs.di = (uint64_t)ec->time + cpu_tsc();
	return ERROR_OK;
}


static enum error execute(struct ec *ec, unsigned number)
{
	struct operation const *const operation = &operations[number];
	if (!operation->execute || (number >= SYS_PD_CREATE && ec->pd != pd_core))
		return ERROR_INVALID;
	if (operation->type == KOBJECT_NONE)
		return operation->execute(ec, NULL);

	enum error error;
	struct kobject *const object = cap_typed(&ec->pd->caps, ec->regs.di,
		operation->rights, operation->type, &error);
	return object ? operation->execute(ec, object) : error;
}


static void other(struct ec *ec, unsigned number)
{
	enum error const error = execute(ec, number);
	if (error != SYSCALL_AGAIN) {
		syscall_result(ec, error);
		return;
	}
	ec->regs.ip -= ec->supervisor ? SUPERVISOR_ENTRY_LENGTH : SYSCALL_LENGTH;
	sched_yield();
	cpu_pause();
}


void syscall_entry(struct ec *ec)
{
	unsigned const number = (uint8_t)ec->regs.dx;
	switch (number) {
	case SYS_CALL:          ipc_call(ec); break;
	case SYS_REPLY_WAIT:    ipc_reply_wait(ec, ERROR_OK); break;
	case SYS_WAIT:          ipc_reply_wait(ec, ERROR_GONE); break;
	case SYS_PARK_WAIT:     ipc_reply_wait(ec, ERROR_AGAIN); break;
	case SYS_SIGNAL_SUBMIT: submit(ec); break;
	default:                other(ec, number);
	}
}
