/* SPDX-License-Identifier: MIT */
/*
 * Foreign code: doc/kernel/context.md
 *
 * Between 'claim' and 'rest' a context belongs to the CPU that 'at' names. Its FPU
 * state is always there, so that neither entry nor exit is on the fast path.
 */

/* Public */
#include <util/string.h>

/* Internal */
#include <kernel/context.h>
#include <kernel/ipc.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>


/* -- state page: others may write to it at any time -- */

_Static_assert(offsetof(struct ec_regs, ip) == 8 * CONTEXT_REGISTERS &&
               offsetof(struct ec_regs, sp) == 8 * CONTEXT_SP &&
               offsetof(struct ec_regs, r15) == 8 * CONTEXT_R15, "same order");
_Static_assert(sizeof(struct context_state) <= PAGE_SIZE &&
               offsetof(struct context_state, fpu) % 16 == 0, "state page");


/** Registers from and to the page */
static inline void copy_general(void *to, void const *from)
{
	uint64_t words = CONTEXT_REGISTERS;
	__asm__ volatile ("rep movsq" : "+D" (to), "+S" (from), "+c" (words)
	                  :: "memory");
}


static bool valid(uint64_t address) { return address < LAYOUT_USER_END; }


/** What has to be checked is read once */
static enum error take_over_checked(struct ec *x, uint64_t dirty)
{
	struct context_state volatile *const page = x->context;
	bool const flow = dirty & CONTEXT_FLOW, bases = dirty & CONTEXT_BASES;
	uint64_t const ip = flow  ? page->ip : x->regs.ip;
	uint64_t const fs = bases ? page->fs : x->fs;
	uint64_t const gs = bases ? page->gs : x->gs;
	if (!valid(ip) || !valid(fs) || !valid(gs))
		return ERROR_INVALID;

	if (flow)
		x->regs.flags = (page->flags & FLAGS_USER) | FLAGS_ON;
	if (dirty & CONTEXT_FPU)
		fpu_import(x->fpu, x->context->fpu);
	x->regs.ip = ip;
	x->fs      = fs;
	x->gs      = gs;
	return ERROR_OK;
}


static inline enum error take_over(struct ec *x)
{
	struct context_state *const page = x->context;
	uint64_t const dirty = *(uint64_t const volatile *)&page->dirty;
	if (dirty & (CONTEXT_FLOW | CONTEXT_BASES | CONTEXT_FPU)) {
		enum error const error = take_over_checked(x, dirty);
		if (error)
			return error;
	}
	if (dirty & CONTEXT_RESULT)
		x->regs.ax = page->general[CONTEXT_AX];
	if (dirty & CONTEXT_GENERAL)
		copy_general(&x->regs, page->general);
	page->dirty = 0;
	return ERROR_OK;
}


static void show_more(struct ec const *x, uint64_t groups)
{
	struct context_state *const page = x->context;
	if (groups & CONTEXT_FLOW) {
		page->ip    = x->regs.ip;
		page->flags = x->regs.flags;
	}
	if (groups & CONTEXT_BASES) {
		page->fs = x->fs;
		page->gs = x->gs;
	}
	if (groups & CONTEXT_FPU)
		memcpy(page->fpu, x->fpu, sizeof page->fpu);
}


static inline void show(struct ec const *x, enum context_reason reason)
{
	struct context_state *const page = x->context;
	uint64_t const groups =
		*(uint64_t const volatile *)&page->wanted[reason];
	page->valid = groups;
	if (groups & CONTEXT_RESULT)
		page->general[CONTEXT_AX] = x->regs.ax;
	if (groups & CONTEXT_GENERAL)
		copy_general(page->general, &x->regs);
	if (groups & (CONTEXT_FLOW | CONTEXT_BASES | CONTEXT_FPU))
		show_more(x, groups);
	if (reason == CONTEXT_SYSCALL)
		return;
	page->vector     = x->vector;
	page->error_code = x->error_code;
	page->address    = x->fault_address;
}


/* -- runs -- */

bool context_init(struct ec *x)
{
	x->context = (void *)x->utcb;
	x->state   = STATE_BLOCK;
	x->paused  = false;
	return ec_fpu_enable(x);
}


/** Nobody runs it: any CPU may claim it, since all its state is in memory */
static inline void rest(struct ec *x)
{
	x->fault = 0;
	x->state = STATE_BLOCK;
	if (!list_empty(&x->queued))
		sched_wake(x);
	if (x->sc_state != SC_IDLE)
		sched_remove(x);
	__atomic_store_n(&x->at, NULL, __ATOMIC_RELEASE);
}


/** Its runner goes on at once if it is on the SC that runs */
static void end_run(struct ec *x, enum context_reason reason)
{
	struct ec *const ec = x->caller;
	struct cpu *const cpu = cpu_self();
	if (cpu->sc && cpu->sc == x->donor && !ec->paused && !cpu->again)
		sched_switch(cpu, ec);
	else {
		sched_leave(x);
		cpu->again |= AGAIN_WALK;
	}
	show(x, reason);
	x->caller = NULL;
	rest(x);

	ec->state   = STATE_RUN;
	ec->regs.dx = ERROR_OK;
	ec->regs.di = reason;
	if (!list_empty(&ec->queued))
		sched_wake(ec);
	sched_move(ec);
}


void context_interrupt(struct ec *x)
{
	if (x->at == cpu_self() && x->caller
	 && (x->state == STATE_RUN || x->state == STATE_PARK)
	 && __atomic_exchange_n(&x->poked, 0, __ATOMIC_SEQ_CST))
		end_run(x, CONTEXT_POKED);
}


bool context_abandon(struct ec *x)
{
	if (x->state != STATE_RUN && x->state != STATE_PARK)
		return false;
	sched_leave(x);
	rest(x);
	return true;
}


void context_syscall(struct ec *x)
{
	end_run(x, CONTEXT_SYSCALL);
}


void context_exception(struct ec *x, uint32_t vector, uint64_t error)
{
	x->vector        = vector;
	x->error_code    = error;
	x->fault_address = 0;
	end_run(x, CONTEXT_EXCEPTION);
}


void context_answered(struct ec *x, enum error error)
{
	bool const parked = error == ERROR_AGAIN && !x->unparked;
	x->fault = parked;
	sched_wake(x);
	if (!x->caller) {
		sched_leave(x);
		x->donor = NULL;            /* not to be started */
		rest(x);
	} else if (error && error != ERROR_AGAIN)
		end_run(x, CONTEXT_FAULT);
	else {
		x->state = parked ? STATE_PARK : STATE_RUN;
		context_interrupt(x);
	}
}


/* -- system calls -- */

/** From here on it is this CPU's */
static enum error claim(struct ec const *ec, struct ec *x)
{
	struct cpu *nobody = NULL;
	if (ec->depth >= EC_DEPTH_MAX - 1)
		return ERROR_DEPTH;
	if (!__atomic_compare_exchange_n(&x->at, &nobody, ec->cpu, false,
	                                 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return ERROR_CONFLICT;
	x->cpu = ec->cpu;
	enum error const error = take_over(x);
	if (error)
		rest(x);
	return error;
}


/** Who pokes sees the CPU, or else 'poked' is seen: both are full barriers */
enum error call_context_run(struct ec *ec, struct kobject *object)
{
	struct ec *const x = container_of(object, struct ec, object);
	enum error const error = claim(ec, x);
	if (error)
		return error;
	ec->state  = STATE_CALL;
	ec->callee = x;
	x->caller  = ec;
	x->donor   = ec->donor;
	x->depth   = ec->depth + 1;
	x->state   = STATE_RUN;
	if (__atomic_exchange_n(&x->poked, 0, __ATOMIC_SEQ_CST))
		end_run(x, CONTEXT_POKED);
	else if (!ec->cpu->again)
		sched_switch(ec->cpu, x);
	else
		sched_again(AGAIN_WALK);
	return ERROR_OK;
}


enum error call_context_poke(struct ec *ec, struct kobject *object)
{
	struct ec *const x = container_of(object, struct ec, object);
	__atomic_store_n(&x->poked, 1, __ATOMIC_SEQ_CST);
	ec_post(x, EC_EVENT_POKE);
	return ERROR_OK;
}
