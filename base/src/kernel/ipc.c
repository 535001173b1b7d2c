/* SPDX-License-Identifier: MIT */
/*
 * Calls and replies on one CPU, signals, faults
 *
 * doc/ipc.md is the protocol; names of functions and states are those used
 * there. entry.S does the common cases of ipc_call and ipc_reply.
 */

/* Internal */
#include <kernel/context.h>
#include <kernel/ipc.h>
#include <kernel/portal.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/transfer.h>


/** Who is being served, NULL: nobody */
static struct ec *caller_of(struct ec const *ec)
{
	return ec->caller ? ec->caller : ec->visitor;
}


static bool local(struct ec const *ec) { return ec->cpu == cpu_self(); }


static enum ec_state state_here(struct ec const *ec)
{
	return local(ec) ? ec->state : ec->away_state;
}


/* -- edges -- */

/** Portal that a call goes to, and its thread, maybe of another CPU */
static struct portal *target(struct ec const *ec, struct ec **callee,
                             enum error *error)
{
	struct kobject *const object = ec->fault
		? cap_typed(&pd_core->caps, ec->pager, 0, KOBJECT_PORTAL, error)
		: cap_typed(&ec->pd->caps, ec->edge, RIGHT_CALL, KOBJECT_PORTAL, error);
	if (!object)
		return NULL;

	struct portal *const portal = container_of(object, struct portal, object);
	*callee = portal->ec;           /* once: another CPU may kill it */
	if ((*callee)->object.dead)
		*error = ERROR_GONE;
	return *error ? NULL : portal;
}


/** Next EC of a chain, as seen from any CPU; NULL: it ends here */
static struct ec *next(struct ec const *ec)
{
	enum error error;
	struct ec *callee;
	enum ec_state state = ec->state;
	if (state == STATE_AWAY)
		state = ec->away_state;     /* RUN: on its way home */

	switch (state) {
	case STATE_CALL:
		return *(struct ec *const volatile *)&ec->callee;
	case STATE_SEND:
		return target(ec, &callee, &error) ? callee : NULL;
	default:
		return NULL;
	}
}


/** Whether a call of 'ec' to the busy 'callee' closes a cycle, or is too deep */
static bool ipc_cycle(struct ec const *ec, struct ec const *callee)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t edges = ec->depth + 1; callee; edges++) {
		if (callee == ec || edges > EC_DEPTH_MAX)
			return true;
		callee = next(callee);
	}
	return false;
}


void ipc_wake_chain(struct ec *ec)
{
	struct ec *end = ec;
	for (unsigned edges = 0; edges <= EC_DEPTH_MAX; edges++) {
		struct ec *const after = next(end);
		if (!after || !local(after) || end->state == STATE_AWAY)
			break;               /* its callee may have come hither */
		end = after;
	}
	sched_wake(end);
}


/* -- ends of calls -- */

void ipc_finish(struct ec *ec, enum error error)
{
	bool const parked = ec->fault && error && !ec->unparked;
	ec->callee = NULL;
	ec->state  = parked ? STATE_PARK : STATE_RUN;  /* at once: core looks */
	if (ec->context) {
		context_answered(ec, error);
		return;
	}
	if (error && !ec->fault)
		syscall_result(ec, error);
	ec->fault = parked;
	sched_wake(ec);
	sched_move(ec);
}


/** A call that is here ends with an error */
static void end(struct ec *ec, enum error error)
{
	if (local(ec))
		ipc_finish(ec, error);
	else
		ipc_remote_return(ec, error);
}


/** The call that 'ec' serves, if any, ends */
static void answer(struct ec *ec, enum error error)
{
	struct ec *const caller = caller_of(ec);
	ec->caller = ec->visitor = NULL;
	sched_move(ec);
	if (caller)
		end(caller, error);
}


/** 'ec' runs on its own SC from now on, and whom it called */
void ipc_abandon(struct ec *ec)
{
	ec->caller = ec->visitor = NULL;
	if (ec->context && context_abandon(ec))
		return;
	ec->depth  = 0;
	ec->donor  = ec;
	for (struct ec *e = ec; e->state == STATE_CALL; e = e->callee)
		e->callee->donor =
			e->paused || e->to || e->callee->to ? NULL : ec;
	sched_start(ec);
	ipc_wake_chain(ec);
	sched_move(ec);
}


bool ipc_abort(struct ec *ec)
{
	ipc_wake_chain(ec);
	answer(ec, ERROR_GONE);

	if (ec->state == STATE_AWAY) {
		mailbox_put(ec->away, &ec->recall);
		return false;
	}
	if (ec->state == STATE_CALL)
		ipc_abandon(ec->callee);
	return true;
}


/* -- call -- */

/** A thread that waited for events has one */
static void wait_over(struct ec *ec)
{
	ec->receptive = NULL;
	ec->state     = STATE_RUN;
	ec->donor     = ec;
	ec->depth     = 0;
}


/** A call gets into its callee, which waits */
static enum error accept(struct ec *ec, struct ec *callee, uint64_t label)
{
	if (ec->depth >= EC_DEPTH_MAX)
		return ERROR_DEPTH;
	enum error const error = transfer(ec, callee);
	if (error)
		return error;

	wait_over(callee);
	callee->regs.di   = ec->fault ? ec->fault_label : label;
	callee->signalled = 0;
	callee->depth     = ec->depth + 1;
	ec->callee        = callee;
	if (local(ec)) {
		ec->state      = STATE_CALL;
		callee->caller = ec;
		callee->donor  = ec->paused ? NULL : ec->donor;
	} else {
		__atomic_store_n(&ec->away_state, STATE_CALL, __ATOMIC_RELEASE);
		callee->visitor = ec;
		callee->donor   = ec;
	}
	return ERROR_OK;
}


/**
 * Get on with a call that is not accepted
 *
 * Returns the callee if it is busy; NULL: the call's state has changed
 */
static struct ec *advance(struct ec *ec)
{
	enum error error;
	struct ec *callee;
	struct portal *const portal = target(ec, &callee, &error);
	if (!portal) {
		end(ec, error);
		return NULL;
	}
	struct cpu *const cpu  = callee->cpu;   /* once: it may move hither */
	bool const        here = cpu == cpu_self();
	if (here && callee->state == STATE_WAIT && !callee->paused) {
		error = accept(ec, callee, portal->label);
		if (error)
			end(ec, error);
	} else if (ipc_cycle(ec, callee)) {
		if (here)
			ipc_wake_chain(callee);     /* by way of 'ec' */
		end(ec, ERROR_DEPTH);
	} else if (here)
		return callee;
	else if (local(ec))
		ipc_remote_send(ec, cpu);
	else
		ipc_remote_return(ec, SYSCALL_AGAIN);    /* callee moved */
	return NULL;
}


/** Registers of 'ec' get the first pending one */
static void take_signal(struct ec *ec)
{
	struct signal *const signal =
		container_of(list_first(&ec->signals), struct signal, pending);

	wait_over(ec);
	ec->regs.di   = signal->label;
	ec->regs.si   = signal_take(signal);
	ec->regs.dx   = ABI_EVENT_SIGNAL;
	ec->signalled = 1;
}


struct ec *ipc_help(struct ec *sc)
{
	if (local(sc) && sc->state == STATE_RUN && !sc->paused)
		return sc;              /* most often */

	struct ec *ec = sc, *open = NULL;
	unsigned edges = 0;
	while (cpu_self()->sc == sc) {
		struct ec *callee = ec->callee;
		switch (state_here(ec)) {
		case STATE_RUN:
			if (!ec->paused)
				return ec;
			sched_block(ec);
			return NULL;
		case STATE_WAIT:        /* it is 'sc' itself */
			if (!ec->paused && ec->pending) {
				take_signal(ec);
				return ec;
			}
			sched_block(ec->paused ? ec : NULL);
			return NULL;
		case STATE_CALL:
			break;
		case STATE_SEND:
			callee = advance(ec);
			open   = open ? open : ec;
			break;
		default:
			sched_block(ec);
			return NULL;
		}
		if (callee && edges++ >= EC_DEPTH_MAX && open) {
			ipc_wake_chain(callee);
			end(open, ERROR_DEPTH);
			callee = NULL;
		}
		ec = callee;
		if (!callee) {          /* a call has changed: walk again */
			ec    = sc;
			open  = NULL;
			edges = 0;
		}
	}
	return NULL;
}


/** Counts of the message, and the window; reserves nodes */
static enum error check(struct ec *ec)
{
	uint64_t const info   = ec->regs.dx;
	uint8_t  const window = (uint8_t)(info >> ABI_WINDOW_SHIFT);
	if ((uint8_t)(info >> ABI_WORDS_SHIFT) > RPC_WORDS
	 || (uint8_t)(info >> ABI_CAPS_SHIFT)  > RPC_CAPS
	 || window > RPC_CAPS)
		return ERROR_INVALID;

	enum error error = ERROR_OK;
	if (window > ec->reserved) {
		ec->missing = 1;
		error = cap_reserve(ec->pd, window - (uint32_t)ec->reserved);
		if (!error)
			ec->reserved = window;
	}
	ec->window = window;
	return error;
}


/** The running thread calls: most often it can be done at once */
static void begin(struct ec *ec)
{
	ec->state = STATE_SEND;
	advance(ec);
	if (ec->state == STATE_CALL)
		sched_go(ec->callee);
	else
		sched_again(AGAIN_WALK);
}


void ipc_call(struct ec *ec)
{
	enum error const error = check(ec);
	if (error) {
		syscall_result(ec, error);
		return;
	}
	ec->edge = ec->regs.di;
	begin(ec);
}


void ipc_fault(struct ec *ec, uint32_t vector, uint64_t error, uint64_t address)
{
	ec->fault         = 1;
	ec->unparked      = false;
	ec->vector        = vector;
	ec->error_code    = error;
	ec->fault_address = address;
	begin(ec);
}


/* -- reply and wait -- */

static enum error ipc_reply(struct ec *ec, enum error outcome)
{
	struct ec *const caller = caller_of(ec);
	bool const fault = caller && caller->fault;
	enum error error = ERROR_OK;
	if (outcome == ERROR_AGAIN && !fault)
		error = ERROR_INVALID;
	if (outcome == ERROR_OK && caller && !fault)
		error = transfer(ec, caller);
	if (fault && caller->context && outcome == ERROR_OK && ec->regs.si)
		outcome = ERROR_DENIED;
	if (!error)
		answer(ec, outcome);
	return error;
}


void ipc_unpark(struct ec *ec)
{
	if (ec->state != STATE_PARK) {
		ec->unparked = ec->fault;
		return;
	}
	ec->fault = 0;
	ec->state = STATE_RUN;
	sched_wake(ec);
	if (ec->donor == ec)
		sched_start(ec);
}


/** A signal goes first unless the last event was one, too */
static void ipc_wait(struct ec *ec)
{
	struct cpu *const cpu = cpu_self();
	sched_again(AGAIN_WALK);

	if (ec->pending && !ec->signalled) {
		take_signal(ec);
		sched_start(ec);
		return;
	}
	ec->signalled = 0;
	ec->state     = STATE_WAIT;
	ec->receptive = cpu;
	if (ec->pending && cpu->sc == ec)
		sched_yield();
	else if (ec->pending)
		sched_start(ec);
	else if (cpu->sc == ec)
		sched_block(NULL);
}


/** To whom the current SC goes back with the reply; NULL: walk */
static struct ec *goes_back(struct ec const *ec)
{
	struct ec *const caller = caller_of(ec);
	return caller && local(caller) && !caller->paused && !ec->pending
	    && !caller->context
	    && ec->donor == cpu_self()->sc ? caller : NULL;
}


void ipc_reply_wait(struct ec *ec, enum error outcome)
{
	struct ec *const back = outcome == ERROR_OK ? goes_back(ec) : NULL;
	enum error error = check(ec);
	if (!error)
		error = ipc_reply(ec, outcome);
	if (error) {
		syscall_result(ec, error);
		return;
	}
	if (back) {
		ec->state     = STATE_WAIT;
		ec->receptive = ec->cpu;
		sched_go(back);
	} else
		ipc_wait(ec);
}
