/* SPDX-License-Identifier: MIT */
/*
 * Scheduler of base-nova: strict priorities, round robin within one
 *
 * The current SC is in no queue. 'resched' says that another one may be more
 * urgent, 'walk' that the current one's chain may end elsewhere than before; if
 * neither is set, the thread that entered the kernel goes on. The timer runs
 * only for timeouts, and while there are several SCs of the current priority.
 */

/* Public */
#include <util/bits.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>

#define QUANTUM (timer_hz / 100)    /* 10 ms */

enum { WAKE_STEP = 16 };            /* SCs, between two chances for interrupts */

static struct cpu_local locals[CPUS_MAX];


void sched_init(struct cpu *cpu)
{
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
	if (cpu->contended)
		return;
	cpu->contended = 1;
	cpu->local->quantum_end = cpu_tsc() + QUANTUM;
	arm(cpu->local->quantum_end);
}


void sched_ready(struct ec *sc)
{
	struct cpu *const cpu = cpu_self();
	struct cpu_local *const local = cpu->local;

	list_append(&local->ready[sc->level], &sc->sc_link);
	bit_set(local->ready_bits, sc->level);
	sc->sc_state = SC_READY;

	if (!cpu->sc || sc->level > cpu->sc->level)
		local->resched = true;
	else if (sc->level == cpu->sc->level)
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
	list_remove(&sc->sc_link);
	if (list_empty(&local->ready[sc->level]))
		bit_clear(local->ready_bits, sc->level);
}


/** The most urgent ready SC; NULL: none */
static struct ec *first(struct cpu_local *local)
{
	unsigned const high = local->ready_bits[1] != 0;
	uint64_t const bits = local->ready_bits[high];
	if (!bits)
		return NULL;
	struct list_node *const node =
		list_first(&local->ready[64 * high + bit_highest(bits)]);
	return container_of(node, struct ec, sc_link);
}


/* -- the current SC -- */

/** Stop charging the current SC; it is in no queue after that */
static struct ec *stop_current(struct cpu *cpu)
{
	struct ec *const sc = cpu->sc;
	if (sc)
		sc->sc_time += (int64_t)cpu_tsc();
	cpu->sc = NULL;
	cpu->local->resched = true;
	return sc;
}


static void set_current(struct cpu *cpu, struct ec *sc)
{
	dequeue(cpu->local, sc);
	sc->sc_state = SC_RUNNING;
	sc->sc_time -= (int64_t)cpu_tsc();
	cpu->sc = sc;
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
	sc->sc_state = SC_IDLE;
}


/** Moves the whole queue at once; sched_next makes them ready in steps */
void sched_wake(struct ec *ec)
{
	struct cpu_local *const local = cpu_local();
	list_append_all(&local->wake, &ec->queued);
	local->walk = true;
}


static void empty_wake_list(struct cpu_local *local)
{
	struct list_node *node;
	for (unsigned i = 0; i < WAKE_STEP
	     && (node = list_take_first(&local->wake)); i++)
		sched_ready(container_of(node, struct ec, sc_link));
}


/** The more urgent one, if there is any, else the current one */
static void choose(struct cpu *cpu)
{
	cpu->local->resched = false;
	struct ec *const best = first(cpu->local);
	if (!best || (cpu->sc && best->level <= cpu->sc->level))
		return;

	struct ec *const old = cpu->sc ? stop_current(cpu) : NULL;
	set_current(cpu, best);
	if (old) {      /* preempted: first of its priority */
		list_prepend(&cpu->local->ready[old->level], &old->sc_link);
		bit_set(cpu->local->ready_bits, old->level);
		old->sc_state = SC_READY;
	}
	cpu->local->resched = false;
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
	cpu->local->walk = true;
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


static void switch_to(struct cpu *cpu, struct ec *ec)
{
	if (cpu->fpu || ec->fpu)
		switch_fpu(cpu, ec);
	if (cpu->current == ec)
		return;

	int64_t const now = (int64_t)cpu_tsc();
	if (cpu->current)
		cpu->current->time += now;
	ec->time -= now;
	cpu->current = ec;
	page_table_activate(cpu, ec->space);
	cpu_msr_write(MSR_FS_BASE, ec->fs);
}


static void idle(struct cpu *cpu)
{
	int64_t const begin = (int64_t)cpu_tsc();
	if (cpu->current)
		cpu->current->time += begin;
	cpu->current = NULL;
	cpu->local->idle_time -= begin;

	do __asm__ volatile ("sti; hlt; cli" ::: "memory");
	while (!first(cpu->local) && list_empty(&cpu->local->wake));

	cpu->local->idle_time += (int64_t)cpu_tsc();
}


struct ec *sched_next(void)
{
	struct cpu *const cpu = cpu_self();
	struct cpu_local *const local = cpu->local;
	struct ec *ec = cpu->current;

	while (local->walk || local->resched || !ec) {
		empty_wake_list(local);
		if (local->resched || !cpu->sc)
			choose(cpu);
		local->walk = false;
		ec = cpu->sc ? ipc_help(cpu->sc) : NULL;
		if (!ec && !cpu->sc && !first(local) && list_empty(&local->wake))
			idle(cpu);
	}
	if (!list_empty(&local->wake)) {    /* go on after others had a chance */
		local->walk = true;
		apic_send(cpu, VECTOR_MAILBOX);
	}
	switch_to(cpu, ec);
	return ec;
}
