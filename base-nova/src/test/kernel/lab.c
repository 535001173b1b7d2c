/* SPDX-License-Identifier: MIT */

/* Public */
#include <util/align.h>
#include <util/format.h>
#include <util/string.h>

/* Local */
#include "lab.h"

enum { PAGE = 4096, SLOT = 0x10000, STACK = 0x4000, POOL = 64,
       PATIENCE = 5000 };
#define SLOTS 0x10000000UL

unsigned checks, failures;

static uint64_t next_frame, last_frame;
static unsigned slots;


/* -- output -- */

void print(char const *format, ...)
{
	char text[160];
	va_list list;
	va_start(list, format);
	format_print(text, sizeof text, format, list);
	va_end(list);
	for (char const *p = text; *p; p++)
		kernel_console_put(*p);
	kernel_console_put('\n');
}


void check(bool right, char const *what)
{
	checks++;
	if (right)
		return;
	failures++;
	print("wrong: %s", what);
}


static void must(enum error error, char const *what)
{
	if (!error)
		return;
	print("failed: %s: error %u", what, error);
	failures++;
	lab_exit();
}


void lab_exit(void)
{
	print("%u checks, %u failed", checks, failures);
	__asm__ volatile ("outl %0, %w1" :: "a" (failures ? 1 : 0), "d" (0xf4));
	for (;;)
		__asm__ volatile ("pause");
}


/* -- memory -- */

uint64_t lab_frames(unsigned n)
{
	uint64_t const phys = next_frame;
	next_frame += n * (uint64_t)PAGE;
	if (next_frame > last_frame) {
		print("out of memory");
		lab_exit();
	}
	memset(kernel_phys(phys), 0, n * (size_t)PAGE);
	return phys;
}


void lab_init(void)
{
	struct boot_info const *const info = kernel_boot_info();
	for (uint32_t i = 0; i < info->n_ranges; i++) {
		struct boot_range const *const r = &info->ranges[i];
		if (r->type == BOOT_RAM && r->size > last_frame - next_frame) {
			next_frame = r->base;
			last_frame = r->base + r->size;
		}
	}
	must(kernel_pd_donate(kernel_core_pd(), lab_frames(POOL), POOL),
	     "own pool");
}


/* -- domains -- */

/** Head of an ELF program header, System V ABI 5.1 */
struct segment { uint32_t type, flags; uint64_t offset, virt, phys, file, mem, align; };

static void map_segment(cap_t pd, struct segment const *s)
{
	enum { EXECUTE = 1, WRITE = 2 };
	uint64_t const base = align_down(s->virt, PAGE);
	uint64_t const size = align_up(s->virt + s->mem, PAGE) - base;
	uint64_t const phys = lab_frames((unsigned)(size / PAGE));
	memcpy(kernel_phys(phys), (void *)base, s->virt + s->mem - base);
	must(kernel_map(pd, base, phys, size,
	                (s->flags & EXECUTE ? KERNEL_MAP_EXEC  : 0u) |
	                (s->flags & WRITE   ? KERNEL_MAP_WRITE : 0u)), "map");
}


struct domain domain_new(void)
{
	char const *const elf = (char const *)LAYOUT_CORE_BASE;
	uint16_t const n = *(uint16_t const *)(void const *)(elf + 56);
	struct segment const *const s =
		(void const *)(elf + *(uint64_t const *)(void const *)(elf + 32));

	struct domain d;
	must(kernel_pd_create(lab_frames(POOL), POOL, &d.pd), "domain");
	for (unsigned i = 0; i < n; i++)
		if (s[i].type == 1 && s[i].mem)
			map_segment(d.pd, &s[i]);
	return d;
}


cap_t delegate(struct domain d, cap_t cap)
{
	cap_t name = 0;
	must(kernel_delegate(d.pd, cap, &name), "delegate");
	return name;
}


/* -- workers -- */

static void worker_main(struct shared *shared)
{
	error_ignore(sys_tls(&shared->self), "a user address");
	shared->run(shared);
	error_ignore(sys_signal_submit(shared->done), "root task is there");
	uint64_t count;
	error_ignore(sys_signal_wait(0, &count), "for ever");
}


struct worker worker_new(struct domain d, struct worker_args const *args)
{
	struct worker w;
	uint64_t const slot = SLOTS + slots++ * (uint64_t)SLOT;
	uint64_t const phys = lab_frames(2 + STACK / PAGE);
	must(kernel_map(d.pd, slot, phys, 2 * PAGE + STACK, KERNEL_MAP_WRITE),
	     "worker's pages");

	w.shared = kernel_phys(phys + PAGE);
	w.shared->self = (struct thread_self) {
		.self = (void *)(slot + PAGE), .utcb = (void *)slot };
	w.shared->run = args->run;
	must(kernel_signal_create(kernel_core_pd(), kernel_core_thread(), slot,
	                          &w.finished), "signal");
	w.shared->done = delegate(d, w.finished);
	must(kernel_thread_create(d.pd, &(struct kernel_thread_args) {
		.cpu = args->cpu, .priority = args->priority,
		.ip = (uint64_t)worker_main, .sp = slot + 2 * PAGE + STACK - 8,
		.arg = slot + PAGE, .utcb = slot, .utcb_phys = phys,
		.pager = args->pager, .fault_label = args->fault_label },
		&w.thread), "thread");
	return w;
}

_Static_assert(2 * PAGE + STACK <= SLOT, "one slot");


void worker_start(struct worker const *w)
{
	must(kernel_thread_start(w->thread), "start");
}


void worker_wait(struct worker const *w)
{
	uint64_t count;
	must(sys_signal_wait(w->finished, &count), "wait");
}


void worker_destroy(struct worker const *w)
{
	if (!sys_cap_probe(w->thread))
		must(kernel_destroy(w->thread), "destroy a thread");
	must(kernel_destroy(w->finished), "destroy a signal");
}


void nap(uint64_t microseconds)
{
	static cap_t timer;
	uint64_t count;
	if (!timer)
		must(kernel_signal_create(kernel_core_pd(), kernel_core_thread(),
		                          0, &timer), "signal");
	must(sys_signal_timeout(timer, tsc() + microseconds *
	     (kernel_boot_info()->tsc_hz / 1000000)), "timeout");
	must(sys_signal_wait(timer, &count), "wait");
	check(count == 1, "one timeout");
}


bool reaches(uint64_t volatile const *value, uint64_t wanted)
{
	for (unsigned i = 0; i < PATIENCE && *value < wanted; i++)
		nap(200);
	return *value >= wanted;
}


bool parks(struct worker const *worker, struct kernel_thread_state *state)
{
	for (unsigned i = 0; i < PATIENCE; i++) {
		check(!kernel_thread_state(worker->thread, state), "state");
		if (state->state == THREAD_PARKED)
			return true;
		nap(200);
	}
	return false;
}


cap_t portal_new(struct domain d, struct worker const *w, uint64_t label)
{
	cap_t portal = 0;
	must(kernel_portal_create(d.pd, w->thread, label, &portal), "portal");
	return portal;
}


cap_t signal_new(struct domain d, struct worker const *w, uint64_t label)
{
	cap_t signal = 0;
	must(kernel_signal_create(d.pd, w->thread, label, &signal), "signal");
	return signal;
}
