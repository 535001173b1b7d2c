/* SPDX-License-Identifier: MIT */
/*
 * Privileged system calls: core's arguments and results are in its registers in
 * the order of core/kernel.h; structs are words of its message buffer
 */

/* Internal */
#include <kernel/budget.h>
#include <kernel/control.h>
#include <kernel/panic.h>
#include <kernel/syscall.h>


/** The serial port belongs to a component; only a panic uses it */
static bool console_given;


static void finish(struct ec *ec, enum error error)
{
	if (error == CONTROL_AGAIN)
		syscall_restart(ec);
	else
		syscall_result(ec, error);
}


static enum error pd_info(struct ec *ec)
{
	struct kernel_pd_info info = { 0 };
	enum error const error = control_pd_info(ec, ec->regs.di, &info);
	ec->regs.di = info.frames;
	ec->regs.si = info.free;
	ec->regs.ax = info.caps;
	ec->regs.r8 = info.objects;
	return error;
}


/** Arguments are copied first, as other threads may change them */
static enum error thread_create(struct ec *ec)
{
	struct kernel_thread_args args =
		*(struct kernel_thread_args const *)(void *)ec->utcb->message.word;
	return control_thread_create(ec, ec->regs.di, &args, &ec->regs.di);
}


static enum error irq_create(struct ec *ec)
{
	struct kernel_msi msi = { 0 };
	enum error const error =
		control_irq_create(ec, ec->regs.di, ec->regs.si, ec->regs.ax,
		                   ec->regs.r8, &ec->regs.di, &msi);
	ec->regs.si = msi.address;
	ec->regs.ax = msi.data;
	return error;
}


static enum error thread_state(struct ec *ec)
{
	return control_thread_state(ec, ec->regs.di,
		(struct kernel_thread_state *)(void *)ec->utcb->message.word);
}


static enum error thread_set_state(struct ec *ec)
{
	struct kernel_thread_state state =
		*(struct kernel_thread_state const *)(void *)ec->utcb->message.word;
	return control_thread_set_state(ec, ec->regs.di, &state);
}

_Static_assert(sizeof(struct kernel_thread_state) <= 8 * RPC_WORDS &&
               sizeof(struct kernel_thread_args)  <= 8 * RPC_WORDS,
               "they are words of a message");


static enum error map(struct ec *ec)
{
	return control_map(ec, ec->regs.di, &ec->regs.si, &ec->regs.ax,
	                   &ec->regs.r8, (unsigned)ec->regs.r9);
}


static enum error unmap(struct ec *ec)
{
	return control_unmap(ec, ec->regs.di, &ec->regs.si, &ec->regs.ax);
}


static enum error objects(struct ec *ec, unsigned number)
{
	struct ec_regs *const r = &ec->regs;
	switch (number) {
	case SYS_PD_CREATE:     return control_pd_create(ec, r->di, r->si, &r->di);
	case SYS_PD_DONATE:     return control_pd_donate(ec, r->di, r->si, r->ax);
	case SYS_PD_INFO:       return pd_info(ec);
	case SYS_THREAD_CREATE: return thread_create(ec);
	case SYS_PORTAL_CREATE: return control_portal_create(ec, r->di, r->si,
	                                                     r->ax, &r->di);
	case SYS_SIGNAL_CREATE: return control_signal_create(ec, r->di, r->si,
	                                                     r->ax, &r->di);
	case SYS_IRQ_CREATE:    return irq_create(ec);
	case SYS_IRQ_BIND:      return control_irq_bind(ec, r->di, r->si);
	case SYS_IRQ_ACK:       return control_irq_ack(ec, r->di);
	case SYS_DESTROY:       return control_destroy(ec, r->di);
	case SYS_DESTROY_OWNED: return control_destroy_owned(ec, r->di, r->si);
	case SYS_DELEGATE:      return control_delegate(ec, r->di, r->si, &r->di);
	case SYS_MAP:           return map(ec);
	case SYS_UNMAP:         return unmap(ec);
	default:                return ERROR_INVALID;
	}
}


static enum error threads(struct ec *ec, unsigned number)
{
	uint64_t const name = ec->regs.di;
	switch (number) {
	case SYS_THREAD_START:
	case SYS_THREAD_RESUME:
		return control_thread_event(ec, name, EC_EVENT_RESUME);
	case SYS_THREAD_PAUSE:
		return control_thread_event(ec, name, EC_EVENT_PAUSE);
	case SYS_THREAD_UNPARK:
		return control_thread_event(ec, name, EC_EVENT_UNPARK);
	case SYS_THREAD_PRIORITY:
		return control_thread_priority(ec, name, ec->regs.si);
	case SYS_THREAD_STATE:
		return thread_state(ec);
	case SYS_THREAD_SET_STATE:
		return thread_set_state(ec);
	case SYS_THREAD_TIME:
		return control_thread_time(ec, name, &ec->regs.di);
	default:
		return ERROR_INVALID;
	}
}


static enum error machine(struct ec *ec, unsigned number)
{
	switch (number) {
	case SYS_CONSOLE_PUT:
		if (!console_given)
			console_put((char)ec->regs.di);
		return ERROR_OK;
	case SYS_CONSOLE_GIVE_AWAY:
		console_given = true;
		return ERROR_OK;
	case SYS_IDLE_TIME:
		return control_idle_time(ec->regs.di, &ec->regs.di);
	case SYS_CPU_QUOTA: return budget_set_quota(ec->regs.di, ec->regs.si);
	case SYS_REBOOT:
		machine_reset();
		return ERROR_REFUSED;
	default:
		return ERROR_INVALID;
	}
}


bool syscall_control(struct ec *ec, unsigned number)
{
	if (number >= N_SYSCALLS || ec->pd != pd_core)
		return false;
	if (number >= SYS_CONSOLE_PUT)
		finish(ec, machine(ec, number));
	else if (number >= SYS_THREAD_START && number <= SYS_THREAD_TIME)
		finish(ec, threads(ec, number));
	else
		finish(ec, objects(ec, number));
	return true;
}
