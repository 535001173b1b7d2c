/* SPDX-License-Identifier: MIT */
/*
 * Calls to another CPU: the record of a call, with the caller's SC, goes there
 * and comes back
 */

/* Internal */
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>


void ipc_remote_send(struct ec *ec, struct cpu *cpu)
{
	struct ec const *const payer = cpu_self()->sc ? cpu_self()->sc : ec;

	sched_remove(ec);
	ec->sc_state   = SC_MAIL;
	ec->level      = payer->level;
	ec->sc_group   = payer->sc_group;
	ec->sc_sent    = ec->sc_time;
	ec->away       = cpu;
	ec->away_state = STATE_SEND;
	ec->state      = STATE_AWAY;
	sched_again(AGAIN_WALK);
	mailbox_put(cpu, &ec->record);
}


void ipc_remote_return(struct ec *ec, enum error error)
{
	sched_remove(ec);
	ec->sc_state   = SC_MAIL;
	ec->arrived    = false;
	ec->away_state = STATE_RUN;
	ec->outcome    = error;
	sched_again(AGAIN_WALK);
	mailbox_put(ec->cpu, &ec->record);
}


/** Back at home: who paid for the call is billed */
static void come_home(struct ec *ec)
{
	ec->sc_state = SC_IDLE;
	ec->level    = ec->priority;
	ec->sc_group = ec->group;
	ec->away     = NULL;
	if (ec->donor && ec->donor != ec)
		ec->donor->sc_time += ec->sc_time - ec->sc_sent;

	if (ec->outcome == SYSCALL_AGAIN) {
		ec->state = STATE_SEND;      /* its callee is somewhere else */
		sched_wake(ec);
		sched_move(ec);
	} else
		ipc_finish(ec, ec->outcome);
	if (ec->donor == ec || ec->pending)
		sched_start(ec);
	if (ec->events & EC_EVENT_KILL)
		ec_serve(&ec->event);
}


void ipc_remote_receive(struct mail *mail)
{
	struct ec *const ec = container_of(mail, struct ec, record);
	if (ec->cpu == cpu_self()) {
		come_home(ec);
		return;
	}
	ec->arrived = true;
	sched_ready(ec);
}


void ipc_recall(struct mail *mail)
{
	struct ec *const ec = container_of(mail, struct ec, recall);
	if (!ec->arrived)
		return;                 /* on its way home */
	if (ec->away_state == STATE_CALL)
		ipc_abandon(ec->callee);
	ipc_remote_return(ec, ERROR_GONE);
}
