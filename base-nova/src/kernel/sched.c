/* SPDX-License-Identifier: MIT */
/*
 * Scheduler of base-nova: strict priorities, round robin within one
 *
 * The current SC is in no queue. cpu->again says what may have changed since the
 * kernel was entered. The timer runs only for timeouts, and while there are
 * several SCs of the current priority.
 */

/* Public */
#include <util/bits.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/ipc.h>
#include <kernel/round.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>

enum { QUANTA_A_SECOND = 100,
       WAKE_STEP = 16 };    /* SCs, between two chances for interrupts */

static uint64_t quantum;

static struct cpu_local locals[CPUS_MAX];


void sched_init(struct cpu *cpu)
{
	quantum    = timer_hz / QUANTA_A_SECOND;
	cpu->local = &locals[cpu->id];
	for (unsigned i = 0; i < KERNEL_PRIORITIES; i++)
		list_init(&cpu->local->ready[i]);
}


/* -- ready queues -- */

static void arm(uint64_t tsc)
{
	if (tsc < cpu_self()->timer_armed)
		timer_program(tsc);
}


/** Another SC of the current one's priority is ready: share time */
static void contend(struct cpu *cpu)
{
	cpu->contended = 1;
	if (cpu->local->quantum_end < cpu->timer_armed)
		timer_program(cpu->local->quantum_end);
}


void sched_ready(struct ec *sc)
{
	struct cpu *const cpu = cpu_self();
	struct cpu_local *const local = cpu->local;
	unsigned const level = sc->level;

	list_insert_before(&local->ready[level].head, &sc->sc_link);
	bit_set(local->ready_bits, level);
	sc->sc_state = SC_READY;

	if (!cpu->sc || level > cpu->sc->level)
		cpu->again |= AGAIN_CHOOSE;
	else if (level == cpu->sc->level && !cpu->contended)
		contend(cpu);
}


void sched_start(struct ec *sc)
{
	if (sc->state == STATE_AWAY)
		return;                 /* it is at another CPU */
	if (sc->sc_state == SC_QUEUED)
		sched_remove(sc);       /* perhaps at a chain that has changed */
	if (sc->sc_state == SC_IDLE)
		sched_ready(sc);
}


/** Take a READY one out */
static void dequeue(struct cpu_local *local, struct ec *sc)
{
	struct list_node *const next = sc->sc_link.next;
	struct list_node *const prev = sc->sc_link.prev;
	next->prev = prev;
	prev->next = next;
	sc->sc_link.next = NULL;
	if (next == prev)               /* the head of an empty queue */
		bit_clear(local->ready_bits, sc->level);
}


/** The most urgent ready SC; NULL: none */
static struct ec *first(struct cpu_local *local)
{
	unsigned const high = local->ready_bits[1] != 0;
	uint64_t const bits = local->ready_bits[high];
	if (!bits)
		return NULL;
	struct list *const queue = &local->ready[64 * high + bit_highest(bits)];
	return container_of(queue->head.next, struct ec, sc_link);
}


/* -- the current SC -- */

/** Time goes to 'sc' from now on, NULL: to nobody */
static void charge(struct cpu_local *local, struct ec *sc, int64_t now)
{
	if (local->charged)
		local->charged->sc_time += now;
	if (sc)
		sc->sc_time -= now;
	local->charged = sc;
}


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
	dequeue(cpu->local, sc);
	sc->sc_state = SC_RUNNING;
	cpu->sc = sc;
	if (cpu->local->charged != sc)
		charge(cpu->local, sc, (int64_t)now);
	cpu->local->quantum_end = now + (sc->sc_left ? sc->sc_left : quantum);
	sc->sc_left    = 0;
	cpu->contended = 0;
	if (bit_test(cpu->local->ready_bits, sc->level))
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
		sched_ready(sc);
}


void sched_remove(struct ec *sc)
{
	struct cpu *const cpu = cpu_self();
	switch ((enum sc_state)sc->sc_state) {
	case SC_READY:   dequeue(cpu->local, sc); break;
	case SC_RUNNING: stop_current(cpu); break;
	case SC_QUEUED:  list_remove(&sc->sc_link); break;
	case SC_IDLE:
	case SC_MAIL:    break;
	}
	if (cpu->local->charged == sc)
		charge(cpu->local, NULL, (int64_t)cpu_tsc());
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


static __attribute__((noinline)) void empty_wake_list(struct cpu_local *local)
{
	struct list_node *node;
	for (unsigned i = 0; i < WAKE_STEP
	     && (node = list_take_first(&local->wake)); i++)
		sched_ready(container_of(node, struct ec, sc_link));
}


/**
 * Back into the queue: first of its priority, with the rest of its quantum
 *
 * With a fresh one it could keep out its equals, if it is preempted often.
 */
static void preempt(struct cpu *cpu, struct ec *sc)
{
	struct list *const queue = &cpu->local->ready[sc->level];
	int64_t const left = (int64_t)(cpu->local->quantum_end - cpu_tsc());
	if (left > 0) {
		sc->sc_left = (uint64_t)left;
		list_prepend(queue, &sc->sc_link);
	} else {
		list_append(queue, &sc->sc_link);
	}
	bit_set(cpu->local->ready_bits, sc->level);
	sc->sc_state = SC_READY;
}


/** The more urgent one, if there is any, else the current one */
static void choose(struct cpu *cpu)
{
	struct ec *const best = first(cpu->local);
	struct ec *const old  = cpu->sc;
	if (!best || (old && best->level <= old->level))
		return;

	if (old)
		preempt(cpu, old);
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

	if (cpu->contended && now >= cpu->local->quantum_end)
		sched_yield();
	else if (cpu->contended && cpu->local->quantum_end < next)
		next = cpu->local->quantum_end;

	cpu->timer_armed = ~0UL;
	if (~next)
		arm(next);
}


/* -- who runs -- */

void sched_forget(struct ec *ec)
{
	struct cpu *const cpu = cpu_self();
	sched_remove(ec);
	if (cpu->fpu == ec) {
		cpu->fpu = NULL;
		fpu_disable();
	}
	if (cpu->current == ec) {
		ec->time += (int64_t)cpu_tsc();
		cpu->current = NULL;
	}
	sched_again(AGAIN_WALK);
}


static void switch_fpu(struct cpu *cpu, struct ec *ec)
{
	if (cpu->fpu == ec)
		return;
	if (cpu->fpu)
		fpu_save(cpu->fpu->fpu);
	if (ec->fpu) {
		fpu_enable();
		fpu_load(ec->fpu);
		cpu->fpu = ec;
	} else if (cpu->fpu) {
		fpu_disable();
		cpu->fpu = NULL;
	}
}


static struct ec *switch_to(struct cpu *cpu, struct ec *ec)
{
	if (cpu->fpu || ec->fpu)
		switch_fpu(cpu, ec);
	if (cpu->current == ec)
		return ec;

	int64_t const now = (int64_t)cpu_tsc();
	if (cpu->current)
		cpu->current->time += now;
	ec->time -= now;
	cpu->current = ec;
	page_table_activate(cpu, ec->space);
	cpu_msr_write(MSR_FS_BASE, ec->fs);
	return ec;
}


static __attribute__((noinline)) void idle(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	int64_t const begin = (int64_t)cpu_tsc();
	if (cpu->current)
		cpu->current->time += begin;
	cpu->current = NULL;
	charge(local, NULL, begin);
	local->idle_time -= begin;

	do {
		round_leave();
		__asm__ volatile ("sti; hlt; cli" ::: "memory");
		round_enter();
	} while (!first(local) && list_empty(&local->wake));

	local->idle_time += (int64_t)cpu_tsc();
}


/** End of the current SC's chain; waits until there is one */
static struct ec *walk(struct cpu *cpu)
{
	struct cpu_local *const local = cpu->local;
	struct ec *ec = NULL;
	while (!ec || cpu->again) {
		uint32_t const again = cpu->again;
		cpu->again = 0;
		if (!list_empty(&local->wake))
			empty_wake_list(local);
		if (!cpu->sc || ((again | cpu->again) & AGAIN_CHOOSE))
			choose(cpu);
		cpu->again = 0;
		ec = cpu->sc ? ipc_help(cpu->sc) : NULL;
		if (!ec && !cpu->sc && !first(local) && list_empty(&local->wake))
			idle(cpu);
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
		return switch_to(cpu, walk(cpu));

	cpu->again = 0;
	return switch_to(cpu, cpu->local->go);
}
