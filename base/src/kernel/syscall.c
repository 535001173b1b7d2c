/* SPDX-License-Identifier: MIT */
/*
 * System calls off the fast path that need no CONTROL right
 *
 * Arguments and results are in the thread's saved registers, as abi.h says.
 */

/* Internal */
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/supervisor.h>
#include <kernel/syscall.h>

enum { SYSCALL_LENGTH = 2 };    /* bytes of the instruction */


void syscall_result(struct ec *ec, enum error error)
{
	uint64_t const missing = error == ERROR_KERNEL_RAM ? ec->missing : 0;
	ec->regs.dx = missing << ABI_MISSING_SHIFT | (uint64_t)error;
}


void syscall_restart(struct ec *ec)
{
	ec->regs.ip -= ec->supervisor ? SUPERVISOR_ENTRY_LENGTH : SYSCALL_LENGTH;
	sched_yield();
	cpu_pause();
}


static void signal_submit_call(struct ec *ec)
{
	enum error error;
	struct kobject *const object =
		cap_typed(&ec->pd->caps, ec->regs.di, RIGHT_SUBMIT, KOBJECT_SIGNAL, &error);
	struct signal *const signal =
		object ? container_of(object, struct signal, object) : NULL;
	if (signal && !signal->ec)
		error = ERROR_GONE;
	syscall_result(ec, error);
	if (!error)
		signal_submit(signal);
}


/** Signal of a thread of the own domain */
static struct signal *own_signal(struct ec *ec, enum error *error)
{
	struct kobject *const object =
		cap_typed(&ec->pd->caps, ec->regs.di, 0, KOBJECT_SIGNAL, error);
	if (!object)
		return NULL;

	struct signal *const signal = container_of(object, struct signal, object);
	struct ec const *const bound = signal->ec;
	if (!bound)
		*error = ERROR_GONE;
	else if (bound->pd != ec->pd)
		*error = ERROR_INVALID;
	return *error ? NULL : signal;
}


static void block(struct ec *ec, struct signal *signal)
{
	ec->state = STATE_BLOCK;
	ec->waits = signal;
	sched_again(AGAIN_WALK);
}


static void signal_wait_call(struct ec *ec)
{
	if (!ec->regs.di) {
		block(ec, NULL);
		return;
	}
	enum error error;
	struct signal *const signal = own_signal(ec, &error);
	if (signal && signal->ec != ec)
		error = ERROR_INVALID;
	syscall_result(ec, error);
	if (error)
		return;

	/* a count without a place in the list is on its way by mailbox */
	if (list_linked(&signal->pending))
		ec->regs.si = signal_take(signal);
	else
		block(ec, signal);
}


static void signal_timeout_call(struct ec *ec)
{
	enum error error;
	struct signal *const signal = own_signal(ec, &error);
	syscall_result(ec, error);
	if (!error)
		signal_timeout(signal, ec->regs.si);
}


static void cap_release_call(struct ec *ec)
{
	uint64_t const n = ec->regs.si < UINT32_MAX ? ec->regs.si : UINT32_MAX;
	syscall_result(ec, cap_release(ec->pd, ec->regs.di, (uint32_t)n));
}


static void cap_probe_call(struct ec *ec)
{
	uint8_t rights;
	syscall_result(ec, cap_object(ec->pd, ec->regs.di, &rights)
	                   ? ERROR_OK : ERROR_GONE);
}


static void tls_call(struct ec *ec)
{
	uint64_t const base = ec->regs.di;
	if (base >= LAYOUT_USER_END && !ec->supervisor) {
		syscall_result(ec, ERROR_INVALID);
		return;
	}
	ec->fs = base;
	cpu_msr_write(MSR_FS_BASE, base);
	syscall_result(ec, ERROR_OK);
}


static void thread_clock_call(struct ec *ec)
{
	ec->regs.di = (uint64_t)ec->time + cpu_tsc();
	syscall_result(ec, ERROR_OK);
}


static void yield_call(struct ec *ec)
{
	syscall_result(ec, ERROR_OK);
	sched_yield();
}


void syscall_entry(struct ec *ec)
{
	unsigned const number = (uint8_t)ec->regs.dx;
	switch (number) {
	case SYS_CALL:           ipc_call(ec); break;
	case SYS_REPLY_WAIT:     ipc_reply_wait(ec, IPC_REPLY_SEND, false); break;
	case SYS_WAIT:           ipc_reply_wait(ec, IPC_REPLY_NONE, false); break;
	case SYS_PARK_WAIT:      ipc_reply_wait(ec, IPC_REPLY_PARK, false); break;
	case SYS_POLL:           ipc_reply_wait(ec, IPC_REPLY_NONE, true); break;
	case SYS_REPLY_POLL:     ipc_reply_wait(ec, IPC_REPLY_SEND, true); break;
	case SYS_PARK_POLL:      ipc_reply_wait(ec, IPC_REPLY_PARK, true); break;
	case SYS_YIELD:          yield_call(ec); break;
	case SYS_SIGNAL_SUBMIT:  signal_submit_call(ec); break;
	case SYS_SIGNAL_WAIT:    signal_wait_call(ec); break;
	case SYS_SIGNAL_TIMEOUT: signal_timeout_call(ec); break;
	case SYS_CAP_RELEASE:    cap_release_call(ec); break;
	case SYS_CAP_PROBE:      cap_probe_call(ec); break;
	case SYS_TLS:            tls_call(ec); break;
	case SYS_THREAD_CLOCK:   thread_clock_call(ec); break;
	default:
		if (!syscall_control(ec, number))
			syscall_result(ec, ERROR_INVALID);
	}
}
