/* SPDX-License-Identifier: MIT */
/*
 * Signals and their timeouts
 *
 * Who raises the count from 0 tells the thread's CPU. The thread takes the count
 * as a whole, after the signal left the list of pending ones.
 */

/* Internal */
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/signal.h>


void signal_init(struct signal *signal, struct ec *ec, uint64_t label)
{
	signal->label     = label;
	signal->deadline  = ~0UL;
	signal->mail.type = MAIL_SIGNAL;

	lock_take(&ec_bound_lock);
	if (!ec->object.dead) {
		list_append(&ec->signals_bound, &signal->bound);
		signal->ec = ec;
	}
	lock_release(&ec_bound_lock);
}


void signal_submit(struct signal *signal)
{
	struct ec *const ec = signal->ec;
	if (!ec || __atomic_fetch_add(&signal->count, 1, __ATOMIC_SEQ_CST))
		return;

	if (ec->cpu == cpu_self())
		signal_arrive(signal);
	else if (!__atomic_exchange_n(&signal->in_mail, 1, __ATOMIC_SEQ_CST))
		mailbox_put(ec->cpu, &signal->mail);
}


void signal_arrive(struct signal *signal)
{
	struct ec *const ec = signal->ec;
	if (!ec || signal->object.dead || ec->state == STATE_DEAD)
		return;

	if (ec->state == STATE_BLOCK && ec->waits == signal) {
		ec->state   = STATE_RUN;
		ec->waits   = NULL;
		ec->regs.dx = ERROR_OK;
		ec->regs.si = signal_take(signal);
		sched_wake(ec);
		return;
	}
	list_append(&ec->signals, &signal->pending);
	ec->pending++;
	sched_start(ec);
}


uint64_t signal_take(struct signal *signal)
{
	if (list_linked(&signal->pending)) {
		list_remove(&signal->pending);
		signal->ec->pending--;
	}
	return __atomic_exchange_n(&signal->count, 0, __ATOMIC_SEQ_CST);
}


/* -- timeouts -- */

static uint64_t deadline_of(struct avl_node const *node)
{
	return container_of_const(node, struct signal, timeout)->deadline;
}


void signal_timeout(struct signal *signal, uint64_t tsc)
{
	struct ec *const ec = signal->ec;
	if (!ec)
		return;
	struct cpu_local *const local = ec->cpu->local;

	lock_take(&local->timer_lock);
	avl_remove(&local->timeouts, &signal->timeout);
	signal->deadline = tsc;
	bool first = false;
	if (~tsc && !signal->object.dead && signal->ec == ec) {
		avl_insert_by_key(&local->timeouts, &signal->timeout, deadline_of);
		first = avl_first(&local->timeouts) == &signal->timeout;
	}
	lock_release(&local->timer_lock);

	if (first)
		sched_deadline(ec->cpu, tsc);
}


/** The next signal whose time has come; it leaves the queue */
static struct signal *take_due(struct cpu_local *local, uint64_t now)
{
	struct signal *signal = NULL;
	lock_take(&local->timer_lock);
	struct avl_node *const node = avl_first(&local->timeouts);
	if (node && deadline_of(node) <= now) {
		avl_remove(&local->timeouts, node);
		signal = container_of(node, struct signal, timeout);
	}
	lock_release(&local->timer_lock);
	return signal;
}


uint64_t signal_expire(uint64_t now)
{
	struct cpu_local *const local = cpu_local();
	struct signal *signal;
	for (unsigned i = 0; i < 64 && (signal = take_due(local, now)); i++)
		if (!signal->object.dead)
			signal_submit(signal);

	lock_take(&local->timer_lock);
	struct avl_node *const node = avl_first(&local->timeouts);
	uint64_t const next = node ? deadline_of(node) : ~0UL;
	lock_release(&local->timer_lock);
	return next;
}


/* -- death -- */

void signal_unbind(struct signal *signal)
{
	struct ec *const ec = signal->ec;
	if (!ec)
		return;
	struct cpu_local *const local = ec->cpu->local;

	lock_take(&local->timer_lock);
	avl_remove(&local->timeouts, &signal->timeout);
	signal->ec = NULL;
	lock_release(&local->timer_lock);
	list_remove(&signal->bound);
}


void signal_drop_dead(struct ec *ec)
{
	list_for_each_safe(&ec->signals, node) {
		struct signal *const signal =
			container_of(node, struct signal, pending);
		if (signal->object.dead)
			signal_take(signal);
	}
	if (ec->waits && ec->waits->object.dead) {
		ec->waits   = NULL;
		ec->state   = STATE_RUN;
		ec->regs.dx = ERROR_GONE;
		sched_wake(ec);
	}
}


/** Its thread's CPU takes it off the pending list, then it is unbound */
bool signal_stop(struct signal *signal)
{
	signal_timeout(signal, ~0UL);

	lock_take(&ec_bound_lock);
	struct ec *const ec = signal->ec;
	bool const pending = list_linked(&signal->pending)
	                  || (ec && ec->waits == signal);
	if (ec && pending)
		ec_post(ec, EC_EVENT_SIGNALS);
	else
		signal_unbind(signal);
	lock_release(&ec_bound_lock);
	return !pending || !ec;
}
