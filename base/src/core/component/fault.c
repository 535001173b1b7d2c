/* SPDX-License-Identifier: MIT */
/**
 * Faults of threads
 *
 * What can be resolved is mapped, and the thread goes on. A fault in a managed
 * dataspace waits for its handler, one that lacks RAM for the account. Anything
 * else stops the thread for ever, with a line in the log.
 */

/* public */
#include <base/log.h>
#include <util/align.h>
#include <util/format.h>
#include <util/string.h>

/* internal */
#include <base/internal/start.h>
#include <core/kernel.h>

/* local */
#include "component/backing.h"
#include "component/fault.h"
#include "component/pd.h"
#include "component/thread.h"
#include "component/trace.h"
#include "work.h"

enum { NO_FPU = 7, PAGE_FAULT = 14 };

/* error code of a page fault (SDM volume 3, 4.7) */
enum { WRITE = 2, USER = 4, EXEC = 16 };

/* what is read where a dataspace died */
static uint64_t zero_page;

/* of those that wait for a handler */
static uint64_t last_fault;

static struct thread *of_waiting(struct list_node *node)
{
	return container_of(node, struct thread, waiting);
}

/* -- resolution -- */

static enum error map_page(struct pd *pd, uint64_t virt, uint64_t phys,
                           unsigned flags)
{
	return pd_map(pd, virt, phys, PAGE_SIZE, flags);
}

/** One page for all, charged to nobody but core */
enum error fault_init(void)
{
	return frame_alloc(core_pool.arena->account, &zero_page)
	       ? ERROR_OK : ERROR_NO_RAM;
}

/**
 * Access to a dead dataspace: zeros, or from the first write on a private page
 *
 * What is mapped there already can only be one of the two.
 */
static enum error map_private(struct pd *pd, struct translation const *t,
                              uint64_t page, bool write)
{
	struct frame_list *const private = &t->path[0]->private;
	region_map_note(t);
	enum error error = map_page(pd, page, zero_page, 0);
	if (error == ERROR_CONFLICT)
		return ERROR_OK;
	if (error || !write)
		return error;

	uint64_t phys;
	error = frame_list_alloc(private, &pd->session.arena, 1, &phys);
	if (error)
		return error;
	memset(kernel_phys(phys), 0, PAGE_SIZE);
	error = kernel_unmap(pd->pool.pd, page, PAGE_SIZE);
	if (!error)
		error = map_page(pd, page, phys, KERNEL_MAP_WRITE);
	if (error)
		frame_list_undo(private, &pd->session.arena, phys);
	return error;
}

/** Map memory; of small pages of the same block, a large one takes the place */
static enum error map_flags(struct pd *pd, struct translation const *t,
                            uint64_t page, struct dataspace_part const *part,
                            unsigned flags)
{
	uint64_t const start = part->start + t->delta;
	uint64_t const size  = part->end - part->start;
	enum error error = size == LARGE_PAGE
		? kernel_unmap(pd->pool.pd, start, size) : ERROR_OK;
	if (!error)
		error = pd_map(pd, start, part->phys, size, flags);
	if (error != ERROR_CONFLICT)
		return error;

	/* something else, or the same to read only, is mapped there */
	error = kernel_unmap(pd->pool.pd, page, PAGE_SIZE);
	return error ? error
	     : map_page(pd, page, part->phys + (page - start), flags);
}

static enum error map_part(struct pd *pd, struct translation const *t,
                           uint64_t page, bool write)
{
	struct dataspace_access const access = {
		.offset = page - t->delta,
		.low = t->low - t->delta, .high = t->high - t->delta,
		.large = aligned(t->delta, LARGE_PAGE), .write = write,
	};
	struct dataspace_part part;
	enum error const error = dataspace_part(t->ds, &access, &part);
	bool const writable = t->write && part.writable;
	if (error == ERROR_AGAIN)
		return ERROR_OK;        /* go on at the next access */
	region_map_note(t);             /* not before: a copy unmaps */
	return error ? error
	     : map_flags(pd, t, page, &part, t->ds->map_flags
	                 | (writable ? KERNEL_MAP_WRITE : 0u)
	                 | (t->exec ? KERNEL_MAP_EXEC : 0u));
}

/** Let the handler of 'map' answer; NOT_FOUND: it has none */
static enum error wait_for_handler(struct thread *thread,
                                   struct region_map *map, uint64_t address)
{
	if (!map->handler)
		return ERROR_NOT_FOUND;
	thread->fault.map_address = address;
	thread->fault.number      = ++last_fault;
	list_append(&map->waiting, &thread->waiting);
	error_ignore(sys_signal_submit(map->handler), "then nobody listens");
	return ERROR_AGAIN;
}

/** It is attached, but not for this: the handler of who denies it may know */
static enum error refuse(struct thread *thread, uint64_t page, unsigned right)
{
	uint64_t inside;
	struct region_map *const map = region_map_denying(
		&thread->pd->map, page, right, &inside);
	return wait_for_handler(thread, map, inside);
}

/** Go on with what stands in the way; false: when the thread comes again */
static bool unblock(struct dataspace *ds)
{
	return ds->closing ? dataspace_vanish(ds) : attachments_revoke(ds);
}

static enum error resolve(struct thread *thread)
{
	struct thread_fault const *const f = &thread->fault;
	uint64_t const page = align_down(f->address, PAGE_SIZE);
	bool const write = f->error_code & WRITE;
	if (!(f->error_code & USER))
		return ERROR_DENIED;    /* not an access of the program's own */
	if (f->address < LAYOUT_ATTACH_BASE)
		return thread->page ? ERROR_NOT_FOUND : stack_fault(thread->pd, f->address);
	if (f->address >= LAYOUT_TRACE_BASE)
		return tracing_sink(thread->pd, f->address);

	struct translation const t =
		region_map_translate(&thread->pd->map, page);
	if (t.blocked)
		return unblock(t.blocked) ? resolve(thread) : ERROR_OK;
	if (!t.attachment)
		return wait_for_handler(thread, t.map, t.address);
	if (write && !(t.write && (!t.ds || t.ds->writable)))
		return refuse(thread, page, RM_WRITE);
	if (f->error_code & EXEC && !(t.exec && t.ds))
		return refuse(thread, page, RM_EXEC);
	return t.ds ? map_part(thread->pd, &t, page, write)
	            : map_private(thread->pd, &t, page, write);
}

/* -- what stops a thread -- */

static char const *exception_name(uint64_t vector)
{
	static char const *const names[] = {
		"divide error", "debug exception", "NMI", "breakpoint",
		"overflow", "bound range exceeded", "invalid opcode",
		"no FPU", "double fault", "coprocessor overrun",
		"invalid TSS", "segment not present", "stack segment fault",
		"general protection fault", "page fault", "exception 15",
		"floating-point error", "alignment check", "machine check",
		"SIMD floating-point error",
	};
	return vector < sizeof names / sizeof *names ? names[vector]
	                                             : "exception";
}

/** Whether it hit the guard page below a stack */
static bool stack_overflow(struct thread const *thread)
{
	struct thread_fault const *const f = &thread->fault;
	if (f->address - LAYOUT_STACK_BASE < PAGE_SIZE)
		return true;
	uint64_t const guard = align_down(f->address, PAGE_SIZE);
	struct regions const *const regions = &thread->pd->map.regions;
	return f->address - f->sp + 2 * PAGE_SIZE < 4 * PAGE_SIZE
	    && !regions_find(regions, guard)
	    && regions_find(regions, guard + PAGE_SIZE);
}

static void describe(struct thread const *thread, char *text, size_t size)
{
	struct thread_fault const *const f = &thread->fault;
	char const *const access = f->error_code & WRITE ? "write to"
	                         : f->error_code & EXEC  ? "execution of"
	                                                 : "read from";
	if (f->vector != PAGE_FAULT)
		format_text(text, size, "%s", exception_name(f->vector));
	else
		format_text(text, size, "%s (%s 0x%lx)",
		            stack_overflow(thread) ? "stack overflow"
		                                   : "page fault",
		            access, f->address);
}

static void log_fault(struct thread const *thread, char const *what)
{
	log_error("%s -> thread \"%s\": %s at 0x%lx, stack 0x%lx",
	          thread->pd->session.label, thread->name, what,
	          thread->fault.ip, thread->fault.sp);
}

/** A debugger's thread waits in silence */
static void stop(struct thread *thread)
{
	char text[80];
	thread->stopped = true;
	if (thread->handler) {
		error_ignore(sys_signal_submit(thread->handler), "its own fault");
		return;
	}
	describe(thread, text, sizeof text);
	log_fault(thread, text);
	list_append(&thread->cpu->faults, &thread->waiting);
	if (thread->cpu->handler)
		error_ignore(sys_signal_submit(thread->cpu->handler),
		             "then nobody listens");
}

static void starve(struct thread *thread)
{
	char text[80];
	format_text(text, sizeof text, "waits for RAM (access to 0x%lx)",
	            thread->fault.address);
	log_fault(thread, text);
	list_append(&thread->pd->starving, &thread->waiting);
}

/** What the thread lacked is there now, or the reason why it cannot be */
static enum error answer(struct thread *thread)
{
	switch (thread->fault.vector) {
	case PAGE_FAULT: return resolve(thread);
	case NO_FPU:     return pool_donate(&thread->pd->pool, 1);
	default:         return ERROR_NOT_FOUND;
	}
}

enum sys_reply fault_handle(struct thread *thread, struct rpc_message *m)
{
	thread->fault = (struct thread_fault) {
		.vector     = m->tag,
		.error_code = m->word[FAULT_ERROR_CODE],
		.address    = m->word[FAULT_ADDRESS],
		.ip         = m->word[FAULT_IP],
		.sp         = m->word[FAULT_SP],
	};
	list_remove(&thread->waiting);  /* a debugger may have let it go on */
	thread->stopped = false;
	work_begin();
	m->tag   = 0;
	m->words = 0;
	m->caps  = 0;
	if (thread->rest || thread->pd->pool.rest)
		return SYS_REPLY_PARK;  /* it is about to die */
	if (thread->tracing)
		tracing_fault(thread->tracing);

	switch (answer(thread)) {
	case ERROR_OK:     return SYS_REPLY;
	case ERROR_AGAIN:  break;
	case ERROR_NO_RAM: starve(thread); break;
	default:
		if (thread->page) {     /* who runs it gets the fault */
			m->tag = 1;
			return SYS_REPLY;
		}
		stop(thread);
	}
	return SYS_REPLY_PARK;
}

/* -- managed dataspaces -- */

static enum rm_access access_of(uint64_t error_code)
{
	return error_code & WRITE ? RM_ACCESS_WRITE
	     : error_code & EXEC  ? RM_ACCESS_EXEC : RM_ACCESS_READ;
}

enum error fault_oldest(struct region_map *map, uint64_t *address,
                        enum rm_access *access)
{
	struct list_node *const node = list_take_first(&map->waiting);
	if (!node)
		return ERROR_AGAIN;
	struct thread const *const thread = of_waiting(node);
	list_append(&map->told, node);
	*address = thread->fault.map_address;
	*access  = access_of(thread->fault.error_code);
	return ERROR_OK;
}

static void wake(struct thread *thread)
{
	list_remove(&thread->waiting);
	work_spend(WORK_WAKE);
	error_ignore(kernel_thread_unpark(thread->kernel), "it may be gone");
}

/** Let those go on that were there before fault 'end'; false: not all yet */
static bool resume(struct list *waiting, uint64_t end)
{
	for (struct list_node *node; (node = list_first(waiting));) {
		struct thread *const thread = of_waiting(node);
		if (thread->fault.number >= end)
			break;
		if (!work_allowed())
			return false;
		wake(thread);
	}
	return true;
}

bool fault_resume_all(struct region_map *map)
{
	if (!map->resumed)
		map->resumed = last_fault + 1;
	if (!resume(&map->told, map->resumed)
	 || !resume(&map->waiting, map->resumed))
		return false;
	map->resumed = 0;
	return true;
}

/* there are no more than one domain may have */
void pd_replenished(struct pd *pd)
{
	for (struct list_node *node; (node = list_first(&pd->starving));)
		wake(of_waiting(node));
}
