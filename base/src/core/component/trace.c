/* SPDX-License-Identifier: MIT */
/** Tracing of one thread */

/* public */
#include <base/trace.h>
#include <util/align.h>
#include <util/string.h>

/* internal */
#include <base/internal/abi.h>
#include <base/internal/start.h>
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "component/pd.h"
#include "component/trace.h"
#include "work.h"

static uint64_t address(struct thread const *thread)
{
	return LAYOUT_TRACE_BASE + thread->utcb * LAYOUT_TRACE_SIZE;
}

static struct trace_buffer *buffer(struct tracing const *tracing)
{
	return kernel_phys(tracing->phys);
}

static uint64_t slots(struct tracing const *tracing)
{
	return tracing->size / sizeof(struct trace_event) - 1;
}

void tracing_set_policy(struct tracing *tracing, uint32_t policy)
{
	struct thread const *const thread = tracing->thread;
	tracing->policy = policy;
	if (!thread)
		return;
	struct utcb *const utcb = kernel_phys(thread->utcb_phys);
	__atomic_store_n(&utcb->trace, policy ? address(thread) | policy : 0,
	                 __ATOMIC_RELEASE);
}

/** Page of the domain for threads that write too late */
static enum error open_sink(struct pd *pd)
{
	if (pd->trace_sink)
		return ERROR_OK;
	enum error const error = frame_list_alloc(
		&pd->trace_frames, &pd->session.arena, 1, &pd->trace_sink);
	if (!error)
		memset(kernel_phys(pd->trace_sink), 0, PAGE_SIZE);
	return error;
}

static void unmap(struct thread const *thread)
{
	error_ignore(kernel_unmap(thread->pd->pool.pd, address(thread),
	                          LAYOUT_TRACE_SIZE), "the domain is alive");
}

/** Whatever is missing here is the domain's */
static enum error map(struct tracing *tracing)
{
	struct thread *const thread = tracing->thread;
	enum error error = open_sink(thread->pd);
	if (error)
		return ERROR_KERNEL_RAM;
	unmap(thread);
	error = pd_map(thread->pd, address(thread), tracing->phys,
	               tracing->size, KERNEL_MAP_WRITE);
	return error ? ERROR_KERNEL_RAM : ERROR_OK;
}

enum error tracing_open(struct tracing *tracing, struct thread *thread,
                        struct arena *arena, uint32_t policy, uint64_t size)
{
	tracing->thread  = thread;
	tracing->account = arena->account;
	thread->tracing  = tracing;
	enum error error = frames_alloc(arena->account, size, &tracing->phys);
	if (error)
		return error;
	tracing->size = size;
	memset(buffer(tracing), 0, size);
	buffer(tracing)->slots = slots(tracing);
	error = dataspace_open_fixed(&tracing->ds, arena, tracing->phys, size,
	                             false, 0);
	if (!error)
		error = map(tracing);
	if (!error)
		tracing_set_policy(tracing, policy);
	return error;
}

void tracing_detach(struct tracing *tracing)
{
	struct thread *const thread = tracing->thread;
	if (!thread)
		return;
	if (thread->pd->pool.pd) {
		tracing_set_policy(tracing, 0);
		unmap(thread);
	}
	thread->tracing = NULL;
	tracing->thread = NULL;
}

bool tracing_close(struct tracing *tracing)
{
	struct thread const *const thread = tracing->thread;
	if (thread && pool_dying(&thread->pd->pool)
	 && !pool_stop(&thread->pd->pool))
		return false;
	tracing_detach(tracing);
	if (!dataspace_close(&tracing->ds))
		return false;
	if (tracing->size)
		frames_free(tracing->account, tracing->phys, tracing->size);
	tracing->size = 0;
	work_spend(WORK_UNMAP + WORK_FRAMES);
	return true;
}

/* the thread stands still; what is in its buffer is not believed */
void tracing_fault(struct tracing *tracing)
{
	struct thread_fault const *const f = &tracing->thread->fault;
	struct trace_buffer *const b = buffer(tracing);
	if (!(tracing->policy & TRACE_POLICY_FAULT))
		return;
	uint64_t const number = ++b->head;
	b->event[number % slots(tracing)] = (struct trace_event) {
		.number = number, .time = clock_tsc(), .kind = TRACE_FAULT,
		.code = f->vector, .object = f->address, .words = 2,
		.word = { f->ip, f->error_code },
	};
}

enum error tracing_sink(struct pd *pd, uint64_t fault_address)
{
	uint64_t const page = align_down(fault_address, PAGE_SIZE);
	if (!pd->trace_sink || page >= LAYOUT_TRACE_BASE
	                       + LAYOUT_UTCB_MAX * LAYOUT_TRACE_SIZE)
		return ERROR_NOT_FOUND;
	enum error const error = pd_map(pd, page, pd->trace_sink, PAGE_SIZE,
	                                KERNEL_MAP_WRITE);
	return error == ERROR_CONFLICT ? ERROR_OK : error;
}
