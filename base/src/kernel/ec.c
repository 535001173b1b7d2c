/* SPDX-License-Identifier: MIT */
/*
 * Threads: creation, requests of other CPUs, death, FPU
 */

/* Internal */
#include <kernel/context.h>
#include <kernel/ipc.h>
#include <kernel/portal.h>
#include <kernel/round.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/supervisor.h>

struct ec   ec_none = { .state = STATE_DEAD, .object.dead = 1 };
struct lock ec_bound_lock;


void ec_init(struct ec *ec, struct pd *pd, struct cpu *cpu)
{
	ec->pd          = pd;
	ec->cpu         = cpu;
	ec->space       = &pd->space;
	ec->dir         = pd->caps.dir;
	ec->donor       = ec;
	ec->full        = 1;
	ec->paused      = true;
	ec->supervisor  = SUPERVISOR_CORE && pd == pd_core;
	/* interrupts on; core may use I/O ports (SDM 1, 3.4.3) */
	ec->regs.flags  = 1 << 9 | 1 << 1 | (pd == pd_core ? 3 << 12 : 0);
	ec->event.open  = ec_serve;
	ec->record.open = ipc_remote_receive;
	ec->recall.open = ipc_recall;
}


bool ec_fpu_enable(struct ec *ec)
{
	if (!ec->fpu) {
		lock_take(&ec->pd->lock);
		void *const state = pool_take(&ec->pd->pool);
		lock_release(&ec->pd->lock);
		if (!state)
			return false;
		fpu_state_init(state);
		ec->fpu = state;
	}
	return true;
}


void ec_fpu_free(struct ec *ec)
{
	if (ec->fpu)
		pool_give(&ec->pd->pool, ec->fpu);
	ec->fpu = NULL;
}


/* -- requests -- */

void ec_post(struct ec *ec, uint32_t event)
{
	__atomic_or_fetch(&ec->events, event, __ATOMIC_SEQ_CST);

	struct cpu *const cpu = ec->cpu;
	if (cpu == cpu_self())
		ec_serve(&ec->event);
	else
		mailbox_put(cpu, &ec->event);
}


/** It does not go on at once when its call is answered; foreign code ends */
static void hold(struct ec *ec)
{
	if (ec->state != STATE_CALL)
		return;
	ec->callee->donor = NULL;            /* no reply by the fast path */
	if (ec->callee->context) {
		ec->callee->poked = 1;
		context_interrupt(ec->callee);
	}
}


static void pause(struct ec *ec)
{
	ec->paused    = true;
	ec->receptive = NULL;
	hold(ec);
	sched_again(AGAIN_WALK);
}


/** It runs, or waits, here from now on */
static void start(struct ec *ec)
{
	if (ec->state == STATE_WAIT && !ec->paused)
		ec->receptive = ec->cpu;
	sched_wake(ec);
	if (ec->donor == ec || ec->pending)
		sched_start(ec);
}


static void resume(struct ec *ec)
{
	if (!ec->paused)
		return;
	ec->paused = false;
	start(ec);
}


static void change_priority(struct ec *ec)
{
	bool const ready = ec->sc_state == SC_READY || ec->sc_state == SC_PARKED
	                || ec->sc_state == SC_RUNNING;
	bool const here  = ec->state != STATE_AWAY;
	ec->priority = ec->new_priority;
	ec->group    = ec->new_group;
	if (!here)
		return;                      /* from the next return on */
	if (ready)
		sched_remove(ec);
	ec->level    = ec->priority;
	ec->sc_group = ec->group;
	if (ready)
		sched_ready(ec);
	sched_again(AGAIN_CHOOSE);
}


static void change_cpu(struct ec *ec)
{
	ec->to = ec->new_cpu == ec->cpu ? NULL : ec->new_cpu;
	if (!ec->to)
		return;
	if (ec->caller)
		ec->donor = NULL;            /* it does not reply by the fast path */
	hold(ec);
	sched_move(ec);
}


void ec_depart(struct ec *ec)
{
	struct cpu *const to = ec->to;
	if (!to || ec->object.dead || ec->caller || ec->visitor
	 || ec->state == STATE_CALL || ec->state == STATE_AWAY)
		return;
	ec->to        = NULL;
	ec->receptive = NULL;
	ipc_wake_chain(ec);
	sched_wake(ec);
	sched_forget(ec);
	__atomic_store_n(&ec->cpu, to, __ATOMIC_RELEASE);  /* not ours any more */
	ec_post(ec, EC_EVENT_ARRIVE);
}


static void schedule(struct ec *ec)
{
	change_priority(ec);
	if (!ec->context)
		change_cpu(ec);
}


static void serve_home(struct ec *ec, uint32_t events)
{
	if (events & EC_EVENT_ARRIVE)   start(ec);
	if (events & EC_EVENT_SCHEDULE) schedule(ec);
	if (events & EC_EVENT_PAUSE)    pause(ec);
	if (events & EC_EVENT_RESUME)   resume(ec);
	if (events & EC_EVENT_UNPARK)   ipc_unpark(ec);
	if (events & EC_EVENT_WAKE)     ipc_wake_chain(ec);
	if (events & EC_EVENT_POKE)     (ec->context ? context_interrupt : sched_leave)(ec);
}


void ec_serve(struct mail *event)
{
	struct ec *const ec = container_of(event, struct ec, event);
	struct cpu *const cpu = ec->cpu;
	if (cpu != cpu_self()) {
		if (!ec->object.dead)        /* else core repeats the kill */
			mailbox_put(cpu, event);
		return;
	}
	/* asked for again while it is served, what nobody waits for counts */
	uint32_t const awaited = EC_EVENT_KILL | EC_EVENT_PAUSE | EC_EVENT_RESUME
	                       | EC_EVENT_UNPARK;
	uint32_t const events =
		__atomic_fetch_and(&ec->events, awaited, __ATOMIC_SEQ_CST);
	uint32_t done = events & awaited;

	if ((events & EC_EVENT_KILL) && !ec_kill(ec))
		done &= ~(uint32_t)EC_EVENT_KILL;
	if (ec->state != STATE_DEAD && (!ec->context || ec->at == cpu_self()))
		serve_home(ec, events);
	__atomic_and_fetch(&ec->events, ~done, __ATOMIC_SEQ_CST);
}


/* -- death -- */

bool ec_kill(struct ec *ec)
{
	if (ec->state == STATE_DEAD)
		return true;
	ec->receptive = NULL;

	struct list_node *node = NULL;
	for (unsigned i = 0; i < SIGNAL_STEP
	     && (node = list_first(&ec->signals)); i++)
		signal_take(container_of(node, struct signal, pending));
	if (node || !ipc_abort(ec))
		return false;

	sched_wake(ec);
	list_remove(&ec->moving);
	ec->waits = NULL;
	ec->state = STATE_DEAD;
	sched_forget(ec);
	return true;
}


/** Portals and signals that were for it lead nowhere now; in steps */
static bool unbind(struct ec *ec)
{
	lock_take(&ec_bound_lock);
	struct list_node *node = NULL;
	for (unsigned i = 0; i < 32; i++) {
		if ((node = list_take_first(&ec->portals))) {
			struct portal *const portal =
				container_of(node, struct portal, bound);
			portal->ec   = &ec_none;
			portal->home = NULL;
		}
		if (list_first(&ec->signals_bound)) {
			node = list_first(&ec->signals_bound);
			signal_unbind(container_of(node, struct signal, bound));
		}
		if (!node)
			break;
	}
	lock_release(&ec_bound_lock);
	return !node;
}


bool ec_stop(struct ec *ec)
{
	if (ec->state != STATE_DEAD) {
		ec_post(ec, EC_EVENT_KILL);
		if (ec->state != STATE_DEAD)
			return false;
	}
	if (ec->reserved)
		cap_unreserve(ec->pd, ec->reserved);
	ec->reserved = 0;
	return unbind(ec);
}
