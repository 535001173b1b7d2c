/* SPDX-License-Identifier: MIT */
/** A kernel for core on the host */

#include <base/internal/rpc.h>
#include <base/internal/sys.h>
#include <base/session.h>
#include <core/kernel.h>
#include <setjmp.h>
#include <stdlib.h>
#include <util/string.h>
#include "fake_kernel.h"
#include "entrypoint.h"
#include "memory/frames.h"
#include "work.h"

enum { OBJECTS = 8192, MAPPINGS = 16384, COST = 200, STEP = 2000 };
enum kind { NONE, PD, THREAD, PORTAL, SIGNAL, IRQ, DYING };

static struct object_entry {
	enum kind kind, dies;
	bool      foreign;
	cap_t     pd;
	uint64_t  label, frames, used;    /* used: bytes of a pool */
	unsigned  steps;                  /* of its destruction */
} objects[OBJECTS];

static struct mapping { cap_t pd; uint64_t virt, phys; unsigned flags; }
	mappings[MAPPINGS];
static unsigned n_mappings, last_missing, unparked, submitted;
static uint64_t largest;

static struct boot_info info;
static char *ram;
static uint8_t donated[FAKE_RAM / 4096];

/* core's own names, PD and thread are 1 and 2 */
static cap_t new_object(enum kind kind, cap_t pd, uint64_t label)
{
	for (cap_t i = 1; i < OBJECTS; i++) {
		if (objects[i].kind == NONE) {
			objects[i] = (struct object_entry) {
				.kind = kind, .pd = pd, .label = label,
			};
			return i;
		}
	}
	abort();
}

void fake_reset(void const *image, size_t size)
{
	size_t const pages = (size + 4095) & ~4095ul;
	free(ram);
	ram = aligned_alloc(4096, FAKE_RAM);
	for (size_t i = 0; i < FAKE_RAM; i++)
		ram[i] = (char)0xa5;
	for (size_t i = 0; i < sizeof donated; i++)
		donated[i] = 0;
	for (unsigned i = 0; i < OBJECTS; i++)
		objects[i] = (struct object_entry) { NONE };
	n_mappings = last_missing = unparked = submitted = 0;
	physical = (struct ranges) { .free = 0 };
	info = (struct boot_info) {
		.tsc_hz = 1000000000, .n_cpus = 2, .n_gsi = 24, .n_ranges = 1,
		.ranges[0] = { FAKE_BASE, FAKE_RAM - pages, BOOT_RAM, 0 },
		.modules = FAKE_BASE + FAKE_RAM - pages,
		.modules_size = size,
	};
	if (size)
		memcpy(ram + FAKE_RAM - pages, image, size);
	new_object(PD, 1, 0);
	new_object(THREAD, 1, 0);
	objects[1].frames = 1;
}

uint64_t fake_mapped(cap_t pd, uint64_t virt, unsigned *flags)
{
	for (unsigned i = 0; i < n_mappings; i++) {
		if (mappings[i].pd == pd && mappings[i].virt == virt) {
			if (flags)
				*flags = mappings[i].flags;
			return mappings[i].phys;
		}
	}
	return 0;
}

uint64_t fake_largest(void) { return largest; }

unsigned fake_objects(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < OBJECTS; i++)
		n += objects[i].kind != NONE;
	return n;
}

unsigned fake_mappings(void) { return n_mappings; }
unsigned fake_unparked(void) { return unparked; }
unsigned fake_submitted(void) { return submitted; }
uint64_t fake_label(cap_t cap) { return objects[cap].label; }

cap_t fake_foreign(void)
{
	cap_t const cap = new_object(SIGNAL, 1, 0);
	objects[cap].foreign = true;
	return cap;
}

static bool frame_free(uint64_t phys)
{
	/* a free range containing it would let us take exactly that frame */
	struct ranges copy = physical;
	for (struct avl_node *n = avl_first(&copy.by_base); n; n = avl_next(n)) {
		uint64_t const *const range = (void const *)((char *)n + 64);
		if (phys - range[0] < range[1])
			return true;
	}
	return false;
}

bool fake_check(void)
{
	for (unsigned i = 0; i < n_mappings; i++)
		if (mappings[i].phys >= FAKE_BASE
		 && mappings[i].phys < FAKE_BASE + FAKE_RAM
		 && frame_free(mappings[i].phys))
			return false;
	for (unsigned i = 0; i < FAKE_RAM / 4096; i++)
		if (donated[i] && frame_free(FAKE_BASE + i * 4096ul))
			return false;
	return true;
}

/* -- what core calls -- */

struct boot_info const *kernel_boot_info(void) { return &info; }
unsigned kernel_missing(void) { return last_missing; }
void *kernel_phys(uint64_t phys) { return ram + (phys - FAKE_BASE); }
cap_t kernel_core_pd(void) { return 1; }
cap_t kernel_core_thread(void) { return 2; }

/** Pay from a pool; names are paid by core's */
static bool pay(cap_t pd, uint64_t bytes)
{
	struct object_entry *const o = &objects[pd];
	if (o->used + bytes <= o->frames * 4096) {
		o->used += bytes;
		return true;
	}
	last_missing = (unsigned)((o->used + bytes - o->frames * 4096 + 4095)
	                          / 4096);
	return false;
}

static enum error create(enum kind kind, cap_t pd, uint64_t label, cap_t *cap)
{
	if (objects[pd].kind != PD)
		return ERROR_INVALID;
	if (!pay(1, 64))
		return ERROR_KERNEL_RAM;
	if (!pay(pd, COST)) {
		objects[1].used -= 64;
		return ERROR_KERNEL_RAM;
	}
	*cap = new_object(kind, pd, label);
	return ERROR_OK;
}

static void mark(uint64_t phys, unsigned frames, uint8_t pd)
{
	for (unsigned i = 0; i < frames; i++)
		donated[(phys - FAKE_BASE) / 4096 + i] = pd;
}

enum error kernel_pd_create(uint64_t phys, unsigned frames, cap_t *pd)
{
	if (!pay(1, 64))
		return ERROR_KERNEL_RAM;
	*pd = new_object(PD, 1, 0);
	objects[*pd].frames = frames;
	objects[*pd].used   = 3 * 4096;
	mark(phys, frames, (uint8_t)*pd);
	return ERROR_OK;
}

enum error kernel_pd_donate(cap_t pd, uint64_t phys, unsigned frames)
{
	objects[pd].frames += frames;
	mark(phys, frames, (uint8_t)pd);
	return ERROR_OK;
}

enum error kernel_pd_info(cap_t pd, struct kernel_pd_info *result)
{
	struct object_entry const *const o = &objects[pd];
	*result = (struct kernel_pd_info) {
		.frames = (uint32_t)o->frames,
		.free   = (uint32_t)((o->frames * 4096 - o->used) / 4096),
	};
	return ERROR_OK;
}

enum error kernel_thread_create(cap_t pd, struct kernel_thread_args const *args,
                                cap_t *thread)
{
	return create(THREAD, pd, args->fault_label, thread);
}

enum error kernel_portal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *portal)
{
	return create(PORTAL, pd, label, portal);
}

enum error kernel_signal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *signal)
{
	return create(SIGNAL, pd, label, signal);
}

enum error kernel_irq_create(cap_t pd, uint32_t gsi, enum kernel_irq_kind kind,
                             uint32_t cpu, cap_t *irq, struct kernel_msi *msi)
{
	return create(IRQ, pd, 0, irq);
}

enum error kernel_irq_bind(cap_t irq, cap_t signal) { return ERROR_OK; }
enum error kernel_irq_ack(cap_t irq) { return ERROR_OK; }

static void drop_mappings(cap_t pd, uint64_t virt, uint64_t size)
{
	for (unsigned i = 0; i < n_mappings;) {
		if (mappings[i].pd == pd && mappings[i].virt - virt < size)
			mappings[i] = mappings[--n_mappings];
		else
			i++;
	}
}

static void destroy_one(cap_t cap)
{
	struct object_entry *const o = &objects[cap];
	if (o->pd != cap && objects[o->pd].kind == PD && o->kind != PD)
		objects[o->pd].used -= COST;
	objects[1].used -= 64;
	o->kind = NONE;
}

enum error kernel_destroy(cap_t object)
{
	if (!object || objects[object].kind == NONE)
		return ERROR_GONE;
	if (objects[object].kind == PD) {
		for (cap_t i = 1; i < OBJECTS; i++)
			if (i != object && objects[i].kind != NONE
			 && objects[i].pd == object)
				destroy_one(i);
		drop_mappings(object, 0, ~0ul);
		for (unsigned i = 0; i < FAKE_RAM / 4096; i++)
			if (donated[i] == (uint8_t)object)
				donated[i] = 0;
	}
	destroy_one(object);
	return ERROR_OK;
}

/** Take as long as a real kernel */
static void spin(uint64_t ticks)
{
	uint64_t const end = __builtin_ia32_rdtsc() + ticks;
	while (__builtin_ia32_rdtsc() < end);
}

void fake_heavy(cap_t object, unsigned steps) { objects[object].steps = steps; }

/** In two steps, or more: while there is a rest, a domain takes no orders */
enum error kernel_destroy_step(cap_t object, uint64_t *rest)
{
	if (*rest) {
		spin(STEP);
		if (objects[*rest].steps && --objects[*rest].steps)
			return ERROR_AGAIN;
		objects[*rest].kind = objects[*rest].dies;
		enum error const error = kernel_destroy(*rest);
		*rest = 0;
		return error;
	}
	if (!object || objects[object].kind == NONE || objects[object].kind == DYING)
		return ERROR_GONE;
	objects[object].dies = objects[object].kind;
	objects[object].kind = DYING;
	*rest = object;
	return ERROR_AGAIN;
}

enum error kernel_destroy_owned_step(cap_t pd, cap_t object, uint64_t *rest)
{
	if (*rest)
		return kernel_destroy_step(object, rest);
	if (objects[object].kind == NONE || objects[object].pd != pd)
		return ERROR_INVALID;
	return kernel_destroy_step(object, rest);
}

enum error kernel_delegate(cap_t pd, cap_t object, cap_t *name)
{
	if (objects[object].kind == NONE)
		return ERROR_GONE;
	if (!pay(pd, 64))
		return ERROR_KERNEL_RAM;
	*name = object;
	return ERROR_OK;
}

enum error kernel_thread_start(cap_t thread) { return ERROR_OK; }
enum error kernel_thread_pause(cap_t thread) { return ERROR_OK; }
enum error kernel_thread_resume(cap_t thread) { return ERROR_OK; }

enum error kernel_thread_state(cap_t thread, struct kernel_thread_state *state)
{
	return ERROR_INVALID;
}

enum error kernel_thread_set_state(cap_t thread,
                                   struct kernel_thread_state const *state)
{
	return ERROR_OK;
}

enum error kernel_thread_fpu(cap_t thread, uint64_t offset, void *line)
{
	return ERROR_INVALID;
}

enum error kernel_thread_set_fpu(cap_t thread, uint64_t offset, void const *line)
{
	return ERROR_INVALID;
}

enum error kernel_thread_schedule(cap_t thread, uint32_t cpu,
                                  uint32_t priority, unsigned group)
{
	return cpu < kernel_boot_info()->n_cpus && priority < KERNEL_PRIORITIES
	    && group < KERNEL_CPU_GROUPS ? ERROR_OK : ERROR_INVALID;
}

enum error kernel_thread_unpark(cap_t thread)
{
	unparked++;
	return ERROR_OK;
}

enum error kernel_thread_time(cap_t thread, uint64_t *tsc)
{
	*tsc = 1000;
	return ERROR_OK;
}

static enum error map_page(cap_t pd, uint64_t virt, uint64_t phys,
                           unsigned flags)
{
	unsigned old;
	uint64_t const there = fake_mapped(pd, virt, &old);
	if (there)
		return there == phys && old == flags ? ERROR_OK
		                                     : ERROR_CONFLICT;
	if (!pay(pd, 64))
		return ERROR_KERNEL_RAM;
	if (n_mappings == MAPPINGS)
		abort();
	mappings[n_mappings++] = (struct mapping) { pd, virt, phys, flags };
	return ERROR_OK;
}

enum error kernel_map(cap_t pd, uint64_t virt, uint64_t phys, uint64_t size,
                      unsigned flags)
{
	if (objects[pd].kind != PD || (virt | phys | size) % 4096
	 || (flags & 3) == 3)
		return ERROR_INVALID;
	largest = size > largest ? size : largest;
	for (uint64_t i = 0; i < size; i += 4096) {
		enum error const error = map_page(pd, virt + i, phys + i, flags);
		if (error)
			return error;
	}
	return ERROR_OK;
}

enum error kernel_unmap(cap_t pd, uint64_t virt, uint64_t size)
{
	if (objects[pd].kind != PD)
		abort();
	drop_mappings(pd, virt, size);
	return ERROR_OK;
}

/** A page at a time; as long as a real one, so that core goes on in steps */
enum error kernel_unmap_step(cap_t pd, uint64_t *virt, uint64_t *size)
{
	spin(WORK_UNMAP);
	enum error const error = kernel_unmap(pd, *virt, 4096);
	*virt += 4096;
	*size -= 4096;
	return error ? error : *size ? ERROR_AGAIN : ERROR_OK;
}

void kernel_console_put(char c) { }
void kernel_console_give_away(void) { }

enum error kernel_idle_time(uint32_t cpu, uint64_t *tsc)
{
	*tsc = 0;
	return ERROR_OK;
}

static unsigned quotas[KERNEL_CPU_GROUPS];

enum error kernel_cpu_quota(unsigned group, unsigned percent)
{
	if (!group || group >= KERNEL_CPU_GROUPS || percent > 100)
		return ERROR_INVALID;
	quotas[group] = percent;
	return ERROR_OK;
}

unsigned fake_quotas(void)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < KERNEL_CPU_GROUPS; i++)
		sum += quotas[i];
	return sum;
}

unsigned fake_quota(unsigned group) { return quotas[group]; }

enum error kernel_reboot(void) { return ERROR_INVALID; }

/* -- system calls -- */

static bool stepwise;
static void (*between)(void);

void fake_between(void (*others)(void)) { between = others; }

/* One round of core's loop: the message goes in, the reply comes out */
static struct {
	struct rpc_message *message;
	struct sys_event    event;
	enum sys_reply      reply;
	jmp_buf             end;
} turn;

enum error sys_reply_wait(struct rpc_message *m, enum sys_reply reply,
                          unsigned window, struct sys_event *event)
{
	if (!turn.message) {
		turn.reply = reply;
		turn.message = m;
		longjmp(turn.end, 1);
	}
	*m = *turn.message;
	*event = turn.event;
	turn.message = NULL;
	return ERROR_OK;
}

static enum sys_reply serve(uint64_t label, struct rpc_message *m)
{
	turn.message = m;
	turn.event   = (struct sys_event) { .label = label };
	if (!setjmp(turn.end))
		entrypoint_run();
	*m = *turn.message;
	return turn.reply;
}

enum error rpc_call(cap_t object, struct rpc_message *m, unsigned caps)
{
	if (object >= OBJECTS || objects[object].kind != PORTAL)
		return ERROR_GONE;
	uint32_t const given = m->caps;
	bool more;
	do {
		serve(objects[object].label, m);
		more = rpc_goes_on(m, given);
		void (*const others)(void) = between;
		between = NULL;
		if (more && others)
			others();
		between = others;
	} while (more && !stepwise);
	return more ? ERROR_AGAIN : (enum error)m->tag;
}

void fake_stepwise(bool on) { stepwise = on; }

bool fake_fault_once(cap_t thread, uint64_t vector, uint64_t address,
                     uint64_t error_code)
{
	struct rpc_message m = {
		.tag = vector, .words = FAULT_WORDS,
		.word = { [FAULT_ADDRESS] = address,
		          [FAULT_ERROR_CODE] = error_code,
		          [FAULT_IP] = 0x1234 },
	};
	return serve(objects[thread].label, &m) == SYS_REPLY && !m.tag;
}

bool fake_fault(cap_t thread, uint64_t vector, uint64_t address,
                uint64_t error_code)
{
	bool on;
	do on = fake_fault_once(thread, vector, address, error_code);
	while (vector == 14 && on
	    && !fake_mapped(objects[thread].pd, address & ~4095ul, NULL));
	return on;
}

/* sessions are opened by the parent interface itself */
enum error session_open(struct session *session, struct env *env,
                        char const *service, struct session_args const *args,
                        size_t ram_size, size_t caps)
{
	return ERROR_REFUSED;
}

enum error session_request(struct session *session, struct env *env,
                           char const *service, struct session_args const *args,
                           size_t ram_size, size_t caps)
{
	return ERROR_REFUSED;
}

void session_close(struct session *session) { }

enum error sys_signal_submit(cap_t signal)
{
	submitted++;
	return ERROR_OK;
}

enum error sys_signal_wait(cap_t signal, uint64_t *count)
{
	return ERROR_INVALID;
}

enum error sys_signal_timeout(cap_t signal, uint64_t tsc) { return ERROR_OK; }
enum error sys_cap_release(cap_t name, uint32_t n) { return ERROR_OK; }

enum error sys_cap_probe(cap_t name)
{
	return name < OBJECTS && objects[name].kind != NONE ? ERROR_OK
	                                                    : ERROR_GONE;
}
