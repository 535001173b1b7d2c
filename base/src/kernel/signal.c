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


/** On its thread's CPU: tell that the count is not 0, or forget it if it is dead */
static void deliver(struct signal *signal, struct ec *ec)
{
	if (ec->waits == signal) {
		ec->state   = STATE_RUN;
		ec->waits   = NULL;
		ec->regs.dx = signal->object.dead ? ERROR_GONE : ERROR_OK;
		ec->regs.si = signal_take(signal);
		if (ec->donor == ec)
			sched_start(ec);    /* mostly, nobody else is queued */
		sched_wake(ec);
	} else if (signal->object.dead) {
		signal_take(signal);
	} else if (!ec->object.dead) {
		list_append(&ec->signals, &signal->pending);
		ec->pending++;
		sched_start(ec);
	}
}


/** Its thread's CPU has something to do for it */
static void tell(struct signal *signal, struct ec *ec)
{
	struct cpu *const cpu = ec->cpu;
	if (cpu == cpu_self())
		deliver(signal, ec);
	else
		mailbox_put(cpu, &signal->mail);
}


/** The thread may have moved meanwhile. A dead signal's destroyer tells it again */
static void arrive(struct mail *mail)
{
	struct signal *const signal = container_of(mail, struct signal, mail);
	struct ec *const ec = signal->ec;
	if (ec && (ec->cpu == cpu_self() || !signal->object.dead))
		tell(signal, ec);
}


void signal_init(struct signal *signal, struct ec *ec, uint64_t label)
{
	signal->label     = label;
	signal->mail.open = arrive;

	lock_take(&ec_bound_lock);
	if (!ec->object.dead) {
		list_append(&ec->signals_bound, &signal->bound);
		signal->timer = ec->cpu;
		signal->ec    = ec;
	}
	lock_release(&ec_bound_lock);
}


void signal_submit(struct signal *signal)
{
	struct ec *const ec = signal->ec;
	if (ec && !__atomic_fetch_add(&signal->count, 1, __ATOMIC_SEQ_CST))
		tell(signal, ec);
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

/** Lock the queue that its timeout belongs to */
static struct cpu *timer_lock(struct signal *signal)
{
	for (;;) {
		struct cpu *const cpu = signal->timer;
		lock_take(&cpu->local->timer_lock);
		if (cpu == signal->timer)
			return cpu;
		lock_release(&cpu->local->timer_lock);
	}
}


/** Its thread has moved */
static void timer_move(struct signal *signal, struct cpu *to)
{
	struct cpu_local *const local = timer_lock(signal)->local;
	time_queue_remove(&local->timeouts, &signal->timeout);
	signal->timer = to;
	lock_release(&local->timer_lock);
}


void signal_timeout(struct signal *signal, uint64_t tsc)
{
	struct ec *const ec = signal->ec;
	if (!ec)
		return;
	if (signal->timer != ec->cpu)
		timer_move(signal, ec->cpu);
	struct cpu *const cpu = timer_lock(signal);
	struct cpu_local *const local = cpu->local;

	time_queue_remove(&local->timeouts, &signal->timeout);
	signal->timeout.time = tsc;
	if (~tsc && !signal->object.dead && signal->ec == ec)
		time_queue_insert(&local->timeouts, &signal->timeout);
	bool const first = local->timeouts == &signal->timeout;
	lock_release(&local->timer_lock);

	if (first)
		sched_deadline(cpu, tsc);
}


uint64_t signal_expire(uint64_t now)
{
	struct cpu_local *const local = cpu_local();
	for (unsigned i = 0; i < SIGNAL_STEP; i++) {
		lock_take(&local->timer_lock);
		struct time_node *const first = local->timeouts;
		uint64_t const next = first ? first->time : ~0UL;
		bool const due = first && next <= now;
		if (due)
			time_queue_remove(&local->timeouts, first);
		lock_release(&local->timer_lock);

		if (!due)
			return next;
		struct signal *const signal =
			container_of(first, struct signal, timeout);
		if (!signal->object.dead)
			signal_submit(signal);
	}
	return now;
}


/* -- death -- */

void signal_unbind(struct signal *signal)
{
	if (!signal->ec)
		return;
	struct cpu_local *const local = timer_lock(signal)->local;
	time_queue_remove(&local->timeouts, &signal->timeout);
	signal->ec = NULL;
	lock_release(&local->timer_lock);
	list_remove(&signal->bound);
}


/** Its thread's CPU takes it off the pending list, then it is unbound */
bool signal_stop(struct signal *signal)
{
	lock_take(&ec_bound_lock);
	struct ec *const ec = signal->ec;
	bool const pending =
		ec && (list_linked(&signal->pending) || ec->waits == signal);
	if (pending)
		tell(signal, ec);
	else
		signal_unbind(signal);
	lock_release(&ec_bound_lock);
	return !pending;
}
