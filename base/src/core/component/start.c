/* SPDX-License-Identifier: MIT */
/**
 * Start of a component: 'ld', its stack, its first thread and capabilities
 *
 * Text and read-only data of 'ld' are mapped from the boot image, the same
 * frames for all. Data is copied. Of the stack the topmost page is there; the
 * others come with the first access, each charged then.
 */

/* public */
#include <base/log.h>
#include <util/align.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <base/internal/start.h>
#include <core/kernel.h>

/* local */
#include "memory/elf.h"
#include "modules.h"
#include "component/fault.h"
#include "component/pd.h"
#include "component/thread.h"
#include "service/services.h"
#include "work.h"

#define STACK_END (LAYOUT_STACK_BASE + LAYOUT_STACK_SIZE)

static struct elf_image ld;
static struct module    ld_module;

enum error component_init(void)
{
	enum error error = module_find("ld", &ld_module);
	if (!error)
		error = elf_check(&ld, kernel_phys(ld_module.phys),
		                  ld_module.size, LAYOUT_LD_BASE,
		                  LAYOUT_UTCB_BASE);
	if (error)
		log_error("core: boot module \"ld\": %s", error_text(error));
	return error ? error : fault_init();
}

enum error stack_fault(struct pd *pd, uint64_t address)
{
	uint64_t const page = align_down(address, PAGE_SIZE), first =
		LAYOUT_STACK_BASE + PAGE_SIZE;
	uint64_t phys;
	if (page < first || page >= STACK_END)
		return ERROR_NOT_FOUND;

	uint32_t const mask = 1u << (page - LAYOUT_STACK_BASE) / PAGE_SIZE;
	if (pd->stack_pages & mask)
		return ERROR_OK;
	enum error const error = frame_list_alloc(
		&pd->frames, &pd->session.arena, 1, &phys);
	if (error)
		return error;
	memset(kernel_phys(phys), 0, PAGE_SIZE);
	pd->stack_pages |= mask;
	return pd_map(pd, page, phys, PAGE_SIZE, KERNEL_MAP_WRITE);
}

static enum error map_shared(struct pd *pd, struct elf_segment const *s)
{
	return pd_map(pd, s->virt, ld_module.phys + s->offset,
	              align_up(s->memory_size, PAGE_SIZE),
	              s->flags & ELF_EXEC ? KERNEL_MAP_EXEC : 0);
}

/** Copy [offset, + size) of the segment to frames of its own and map them */
static enum error copy_part(struct pd *pd, struct elf_segment const *s,
                            uint64_t offset, uint64_t size)
{
	uint64_t phys;
	enum error const error = frame_list_alloc(
		&pd->frames, &pd->session.arena, (unsigned)(size / PAGE_SIZE),
		&phys);
	if (error)
		return error;
	char *const copy = kernel_phys(phys);
	uint64_t const in_file = s->file_size > offset
	                       ? min(s->file_size - offset, size) : 0;
	memcpy(copy, kernel_phys(ld_module.phys + s->offset + offset), in_file);
	memset(copy + in_file, 0, size - in_file);
	return pd_map(pd, s->virt + offset, phys, size, KERNEL_MAP_WRITE);
}

/** All at once, or page by page where memory is in pieces */
static enum error map_copy(struct pd *pd, struct elf_segment const *s)
{
	uint64_t const size = align_up(s->memory_size, PAGE_SIZE);
	uint64_t const frames = pd->frames.frames;
	enum error error = copy_part(pd, s, 0, size);
	if (error != ERROR_NO_RAM || pd->frames.frames != frames)
		return error;
	error = ERROR_OK;
	for (uint64_t offset = 0; !error && offset < size; offset += PAGE_SIZE)
		error = copy_part(pd, s, offset, PAGE_SIZE);
	return error;
}

static enum error map_ld(struct pd *pd)
{
	enum error error = ERROR_OK;
	for (unsigned i = 0; !error && i < ld.count; i++) {
		struct elf_segment const *const s = &ld.segment[i];
		error = s->flags & ELF_WRITE ? map_copy(pd, s)
		                             : map_shared(pd, s);
	}
	return error ? error : stack_fault(pd, STACK_END - 1);
}

/** Different for each component, and tells none about the others' */
static uint64_t seed(void)
{
	static uint64_t state;
	if (!state)
		state = entropy_seed();
	uint64_t z = state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static enum error delegate_all(struct thread *thread,
                               struct start_caps const *caps)
{
	struct pd *const pd = thread->pd;
	uint64_t *const words = kernel_phys(thread->utcb_phys);
	struct { enum start_word word; cap_t cap; } const table[] = {
		{ START_PARENT, caps->parent },
		{ START_PD,     pd->seen_pd ? pd->seen_pd
		                            : pd->session.object.rpc.cap },
		{ START_CPU,    pd->seen_cpu ? pd->seen_cpu
		                             : thread->cpu->session.object.rpc.cap },
		{ START_LOG,    caps->log },
		{ START_BINARY, caps->binary },
		{ START_THREAD, thread->object.rpc.cap },
	};
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		enum error const error = pd_delegate(pd, table[i].cap,
		                                     &words[table[i].word]);
		if (error)
			return error;
	}
	words[START_TSC_HZ] = kernel_boot_info()->tsc_hz;
	words[START_SEED]   = seed();
	words[START_N_CPUS] = thread->cpu->cpu_count;
	return ERROR_OK;
}

/** As if it had never been tried */
static void undo(struct pd *pd, struct thread *thread)
{
	while (thread && !thread_destroy(thread))
		work_begin();           /* it has not run */
	error_ignore(kernel_unmap(pd->pool.pd, LAYOUT_LD_BASE,
	                          STACK_END - LAYOUT_LD_BASE),
	             "the domain is alive");
	frame_list_free(&pd->frames, &pd->session.arena);
	pd->stack_pages = 0;
}

enum error component_start(struct pd *pd, struct cpu *cpu,
                           struct start_caps const *caps)
{
	/* the session's limit, whatever it is made later */
	struct thread_args const args = {
		.name = "main", .priority = KERNEL_PRIORITIES - 1 };
	struct thread *thread = NULL;
	if (pd->started)
		return ERROR_CONFLICT;
	if (!ld.count)
		return ERROR_CORRUPT;

	enum error error = map_ld(pd);
	if (!error)
		error = thread_create(cpu, pd, &args, &thread);
	if (!error)
		error = delegate_all(thread, caps);
	if (!error)
		error = thread_run(thread, ld.entry, STACK_END,
		                   thread_utcb(thread));
	if (error)
		undo(pd, thread);
	else
		pd->started = true;
	return error;
}
