/* SPDX-License-Identifier: MIT */
/*
 * Scheduler: current SC, idle CPU, switching, accounting, timer
 *
 * Who is next is up to kernel/ready.h, which each kernel has its own of. The
 * current SC is in no queue. cpu->again says what may have changed since the
 * kernel was entered. The timer runs only for timeouts, and while the current SC
 * has to share its time.
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/context.h>
#include <kernel/ipc.h>
#include <kernel/ready.h>
#include <kernel/round.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>

enum { WAKE_STEP = 16 };    /* SCs, between two chances for interrupts */

static struct cpu_local locals[CPUS_MAX];


void sched_init(struct cpu *cpu)
{
	cpu->local = &locals[cpu->id];
	ready_init(&cpu->local->ready);
}


/* -- accounts -- */

/** Time goes to 'sc' from now on, NULL: to nobody */
static void charge(struct cpu_local *local, struct ec *sc, uint64_t now)
{
	if (local->charged) {
		local->charged->sc_time += (int64_t)now;
		ready_charge(&local->ready, local->charged, now - local->since);
		budget_charge(&local->budget, local->charged, now - local->since);
	}
	if (sc)
		sc->sc_time -= (int64_t)now;
	local->charged = sc;
	local->since   = now;
}


/** All that was used so far is accounted for, if that matters to decisions */
static void settle(struct cpu_local *local)
{
	if (!READY_ACCOUNTS && !budget_on)
		return;
	uint64_t const now = cpu_tsc();
	if (local->charged)
		charge(local, local->charged, now);
	if (budget_on && budget_renew(&local->budget, now, &local->wake))
		sched_again(AGAIN_WALK);
}


/* -- ready SCs -- */

static void arm(uint64_t tsc)
{
	if (tsc < cpu_self()->timer_armed)
		timer_program(tsc);
}


/** Another SC is ready that the current one will have to make room for */
static void contend(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	if (budget_on)
		budget_limit(&local->budget, cpu->sc, &local->quantum_end);
	cpu->contended = ~0U;
	arm(local->quantum_end);
}


/** Who has a budget is ahead of who has spent it */
static enum ready_order order(struct cpu_local *local, struct ec const *sc,
                              struct ec const *current)
{
	bool const spent = budget_spent(&local->budget, sc);
	if (spent != budget_spent(&local->budget, current))
		return spent ? READY_BEHIND : READY_AHEAD;
	return spent ? READY_BESIDE : ready_order(&local->ready, sc, current);
}


/** It is ready without a budget: it runs if nobody else does */
static void park(struct budget *budget, struct ec *sc)
{
	list_append(&budget->parked, &sc->sc_link);
	sc->sc_state = SC_PARKED;
}


/** Take it off the queue that it is ready in */
static void take_out(struct cpu_local *local, struct ec *sc)
{
	if (sc->sc_state == SC_PARKED)
		list_remove(&sc->sc_link);
	else
		ready_remove(&local->ready, sc);
}


enum how { WAKES, YIELDS, PREEMPTED };

static void insert(struct ec *sc, enum how how)
{
	struct cpu *const cpu = cpu_self();
	struct cpu_local *const local = cpu->local;
	if (how != PREEMPTED)
		settle(local);
	sc->sc_state = SC_READY;
	if (budget_spent(&local->budget, sc))
		park(&local->budget, sc);
	else if (how == WAKES)
		ready_insert(&local->ready, sc);
	else if (how == YIELDS)
		ready_yield(&local->ready, sc);
	else
		ready_put_back(&local->ready, sc, local->quantum_end);

	enum ready_order o = cpu->sc ? order(local, sc, cpu->sc) : READY_AHEAD;
	if (o == READY_AHEAD)
		cpu->again |= AGAIN_CHOOSE;
	else if ((o == READY_BESIDE || budget_on) && !cpu->contended)
		contend(cpu);
}


void sched_ready(struct ec *sc) { insert(sc, WAKES); }


void sched_start(struct ec *sc)
{
	if (sc->state == STATE_AWAY)
		return;                 /* it is at another CPU */
	if (sc->sc_state == SC_QUEUED)
		sched_remove(sc);       /* perhaps at a chain that has changed */
	if (sc->sc_state == SC_IDLE)
		sched_ready(sc);
}


static bool runnable(struct cpu_local *local)
{
	return ready_first(&local->ready) || !list_empty(&local->budget.parked)
	    || !list_empty(&local->wake) || !list_empty(&local->moving);
}


/* -- the current SC -- */

/** There is no current SC after that, but the last one is still charged */
static struct ec *stop_current(struct cpu *cpu)
{
	struct ec *const sc = cpu->sc;
	cpu->sc = NULL;
	cpu->again |= AGAIN_CHOOSE;
	return sc;
}


static void set_current(struct cpu *cpu, struct ec *sc)
{
	uint64_t const now = cpu_tsc();
	struct cpu_local *const local = cpu->local;
	take_out(local, sc);
	sc->sc_state = SC_RUNNING;
	cpu->sc = sc;
	if (local->charged != sc)
		charge(local, sc, now);
	local->quantum_end = now + ready_rest(sc);
	cpu->contended = 0;
	if (ready_beside(&local->ready, sc) || (budget_on && runnable(local)))
		contend(cpu);
}


void sched_block(struct ec *at)
{
	struct ec *const sc = stop_current(cpu_self());
	sc->sc_state = at ? SC_QUEUED : SC_IDLE;
	if (at)
		list_append(&at->queued, &sc->sc_link);
}


void sched_yield(void)
{
	struct ec *const sc = stop_current(cpu_self());
	if (sc)
		insert(sc, YIELDS);
}


void sched_remove(struct ec *sc)
{
	struct cpu *const cpu = cpu_self();
	switch ((enum sc_state)sc->sc_state) {
	case SC_READY:
	case SC_PARKED:  take_out(cpu->local, sc); break;
	case SC_RUNNING: stop_current(cpu); break;
	case SC_QUEUED:  list_remove(&sc->sc_link); break;
	default:         break;
	}
	if (cpu->local->charged == sc)
		charge(cpu->local, NULL, cpu_tsc());
	sc->sc_state = SC_IDLE;
}


/** Moves the whole queue at once; sched_next makes them ready in steps */
void sched_wake(struct ec *ec)
{
	if (list_empty(&ec->queued))
		return;
	list_append_all(&cpu_local()->wake, &ec->queued);
	sched_again(AGAIN_WALK);
}


/** First of those with a budget. If many have spent theirs, one may pass */
static struct ec *first(struct cpu_local *local, struct ec *current)
{
	struct ec *best = NULL;
	for (unsigned i = 0; i < WAKE_STEP && (best = ready_first(&local->ready))
	     && budget_spent(&local->budget, best); i++) {
		ready_remove(&local->ready, best);
		park(&local->budget, best);
	}
	struct list_node *const parked = list_first(&local->budget.parked);
	return best || current || !parked ? best
		: container_of(parked, struct ec, sc_link);
}


/** Who is ahead of the current one, if there is any, else the current one */
static void choose(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	struct ec *const old = cpu->sc;
	if (budget_on)
		settle(local);
	struct ec *const best = budget_on ? first(local, old)
	                                  : ready_first(&local->ready);
	if (!best || (old && order(local, best, old) != READY_AHEAD))
		return;

	if (old)
		insert(stop_current(cpu), PREEMPTED);
	set_current(cpu, best);
}


/* -- time -- */

void sched_deadline(struct cpu *cpu, uint64_t tsc)
{
	if (cpu == cpu_self())
		arm(tsc);
	else
		apic_send(cpu, VECTOR_TIMER);
}


void sched_tick(void)
{
	struct cpu *const cpu = cpu_self();
	uint64_t const now = cpu_tsc();
	uint64_t next = signal_expire(now);

	/* a quantum without an SC would be over for ever, with a tick at once */
	if (cpu->sc && cpu->contended && now >= cpu->local->quantum_end)
		insert(stop_current(cpu), WAKES);
	else if (cpu->sc && cpu->contended && cpu->local->quantum_end < next)
		next = cpu->local->quantum_end;

	cpu->timer_armed = ~0UL;
	arm(next);
}


/* -- who runs -- */

/** Time is used by 'ec' from now on, NULL: by nobody */
static void set_thread(struct cpu *cpu, struct ec *ec)
{
	int64_t const now = (int64_t)cpu_tsc();
	if (cpu->current)
		cpu->current->time += now;
	if (ec)
		ec->time -= now;
	cpu->current = ec;
}


void sched_fpu(struct cpu *cpu, struct ec *ec)
{
	if (cpu->fpu && cpu->fpu->context)
		context_unload(cpu->fpu);
	cpu->fpu = ec;
	if (ec) {
		fpu_enable();
		fpu_load(ec->fpu);
		if (ec->context)
			context_load(ec);
	} else
		fpu_disable();
}


void sched_leave(struct ec *ec)
{
	struct cpu *const cpu = cpu_self();
	if (cpu->fpu == ec) {
		fpu_save(ec->fpu);
		sched_fpu(cpu, NULL);
	}
	if (cpu->current == ec)
		set_thread(cpu, NULL);
}


void sched_forget(struct ec *ec)
{
	sched_remove(ec);
	sched_leave(ec);
	sched_again(AGAIN_WALK);
}


struct ec *sched_switch(struct cpu *cpu, struct ec *ec)
{
	if (cpu->fpu != (ec->fpu ? ec : NULL)) {
		if (cpu->fpu)
			fpu_save(cpu->fpu->fpu);
		sched_fpu(cpu, ec->fpu ? ec : NULL);
	}
	if (cpu->current == ec)
		return ec;

	set_thread(cpu, ec);
	page_table_activate(cpu, ec->space);
	cpu_msr_write(MSR_FS_BASE, ec->fs);
	return ec;
}


static __attribute__((noinline)) void idle(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	uint64_t const begin = cpu_tsc();
	set_thread(cpu, NULL);
	charge(local, NULL, begin);
	local->idle_time -= (int64_t)begin;

	if (runnable(local))            /* just a chance for interrupts */
		apic_send(cpu, VECTOR_MAILBOX);
	do {
		round_leave();
		__asm__ volatile ("sti; hlt; cli" ::: "memory");
		round_enter();
	} while (!runnable(local));
	round_serve();                  /* of a round that began before it woke */

	local->idle_time += (int64_t)cpu_tsc();
}


/** No more than were told in this entry of the kernel */
static __attribute__((noinline)) void depart(struct list *moving)
{
	struct list_node *node;
	while ((node = list_take_first(moving)))
		ec_depart(container_of(node, struct ec, moving));
}


/** End of the current SC's chain; waits until there is one */
static struct ec *walk(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	struct ec *ec = NULL;
	for (unsigned n = 0; !ec || cpu->again; n++) {
		struct list_node *node;
		if (!list_empty(&local->moving))
			depart(&local->moving);
		for (unsigned i = 0; i < WAKE_STEP
		     && (node = list_take_first(&local->wake)); i++)
			sched_ready(container_of(node, struct ec, sc_link));
		if (!cpu->sc || (cpu->again & AGAIN_CHOOSE))
			choose(cpu);
		cpu->again = 0;
		ec = cpu->sc ? ipc_help(cpu->sc) : NULL;
		if (!ec && !cpu->sc && (n >= WAKE_STEP || !runnable(local))) {
			idle(cpu);
			n = 0;
		}
	}
	if (!list_empty(&local->wake)) {    /* go on after others had a chance */
		cpu->again = AGAIN_WALK;
		apic_send(cpu, VECTOR_MAILBOX);
	}
	return ec;
}


struct ec *sched_next(void)
{
	struct cpu *const cpu = cpu_self();
	if (cpu->again != AGAIN_GO)
		return sched_switch(cpu, walk(cpu));

	cpu->again = 0;
	return sched_switch(cpu, cpu->local->go);
}
