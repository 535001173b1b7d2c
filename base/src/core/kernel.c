/* SPDX-License-Identifier: MIT */
/**
 * The privileged interface by system calls
 *
 * Arguments and results are in registers in the order of core/kernel.h, which
 * is that of struct sys_raw; structs are words of the message buffer.
 */

/* Public */
#include <util/string.h>

/* Internal */
#include <base/internal/sys_raw.h>
#include <core/kernel.h>

/* Local */
#include "start.h"

/** Of the last failed operation; core serves all in one thread */
static unsigned missing;

static enum error result(struct sys_raw const *r)
{
	enum error const error = sys_raw_error(r);
	if (error == ERROR_KERNEL_RAM)
		missing = (uint32_t)(r->dx >> ABI_MISSING_SHIFT) &
		          ~ABI_MISSING_OWN;
	return error;
}

static enum error call(struct sys_raw *r)
{
	sys_raw(r);
	return result(r);
}

/** Operation that results in a name */
static enum error call_name(struct sys_raw *r, cap_t *name)
{
	enum error const error = call(r);
	if (!error)
		*name = r->di;
	return error;
}

static enum error simple(enum abi_syscall number, uint64_t first, uint64_t second)
{
	struct sys_raw r = { .dx = number, .di = first, .si = second };
	return call(&r);
}

struct boot_info const *kernel_boot_info(void) { return start_boot_info; }
unsigned kernel_missing(void)                  { return missing; }
cap_t kernel_core_pd(void)                     { return start_pd; }
cap_t kernel_core_thread(void)                 { return start_thread; }

void *kernel_phys(uint64_t phys)
{
	return (void *)(start_phys + phys);
}

/* -- domains -- */

enum error kernel_pd_create(uint64_t phys, unsigned frames, cap_t *pd)
{
	struct sys_raw r = { .dx = SYS_PD_CREATE, .di = phys, .si = frames };
	return call_name(&r, pd);
}

enum error kernel_pd_donate(cap_t pd, uint64_t phys, unsigned frames)
{
	struct sys_raw r = { .dx = SYS_PD_DONATE, .di = pd, .si = phys,
	                     .ax = frames };
	return call(&r);
}

enum error kernel_pd_info(cap_t pd, struct kernel_pd_info *info)
{
	struct sys_raw r = { .dx = SYS_PD_INFO, .di = pd };
	enum error const error = call(&r);
	if (!error)
		*info = (struct kernel_pd_info){
			.frames = (uint32_t)r.di, .free = (uint32_t)r.si,
			.caps = (uint32_t)r.ax, .objects = (uint32_t)r.r8 };
	return error;
}

/* -- objects -- */

enum error kernel_thread_create(cap_t pd, struct kernel_thread_args const *args,
                                cap_t *thread)
{
	memcpy(sys_utcb()->message.word, args, sizeof *args);
	struct sys_raw r = { .dx = SYS_THREAD_CREATE, .di = pd };
	return call_name(&r, thread);
}

enum error kernel_portal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *portal)
{
	struct sys_raw r = { .dx = SYS_PORTAL_CREATE, .di = pd, .si = thread,
	                     .ax = label };
	return call_name(&r, portal);
}

enum error kernel_signal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *signal)
{
	struct sys_raw r = { .dx = SYS_SIGNAL_CREATE, .di = pd, .si = thread,
	                     .ax = label };
	return call_name(&r, signal);
}

enum error kernel_irq_create(cap_t pd, uint32_t gsi, enum kernel_irq_kind kind,
                             uint32_t cpu, cap_t *irq, struct kernel_msi *msi)
{
	struct sys_raw r = { .dx = SYS_IRQ_CREATE, .di = pd, .si = gsi,
	                     .ax = kind, .r8 = cpu };
	enum error const error = call_name(&r, irq);
	if (!error && msi)
		*msi = (struct kernel_msi){ .address = r.si,
		                            .data = (uint32_t)r.ax };
	return error;
}

enum error kernel_irq_bind(cap_t irq, cap_t signal)
{
	return simple(SYS_IRQ_BIND, irq, signal);
}

enum error kernel_irq_ack(cap_t irq)   { return simple(SYS_IRQ_ACK, irq, 0); }

static enum error destroy_step(struct sys_raw *r, uint64_t *rest)
{
	r->ax = *rest;
	enum error const error = call(r);
	*rest = error == ERROR_AGAIN ? r->ax : 0;
	/* perhaps another CPU is waited for, which shares its time in an emulator */
	if (error == ERROR_AGAIN)
		__builtin_ia32_pause();
	return error;
}

enum error kernel_destroy_step(cap_t object, uint64_t *rest)
{
	struct sys_raw r = { .dx = SYS_DESTROY, .di = object };
	return destroy_step(&r, rest);
}

enum error kernel_destroy(cap_t object)
{
	uint64_t rest = 0;
	enum error error;
	do error = kernel_destroy_step(object, &rest);
	while (error == ERROR_AGAIN);
	return error;
}

enum error kernel_destroy_owned_step(cap_t pd, cap_t object, uint64_t *rest)
{
	struct sys_raw r = { .dx = SYS_DESTROY_OWNED, .di = pd, .si = object };
	return destroy_step(&r, rest);
}

enum error kernel_delegate(cap_t pd, cap_t object, cap_t *name)
{
	struct sys_raw r = { .dx = SYS_DELEGATE, .di = pd, .si = object };
	return call_name(&r, name);
}

/* -- threads -- */

enum error kernel_thread_start(cap_t thread)
{
	return simple(SYS_THREAD_START, thread, 0);
}

enum error kernel_thread_pause(cap_t thread)
{
	return simple(SYS_THREAD_PAUSE, thread, 0);
}

enum error kernel_thread_resume(cap_t thread)
{
	return simple(SYS_THREAD_RESUME, thread, 0);
}

enum error kernel_thread_state(cap_t thread, struct kernel_thread_state *state)
{
	enum error const error = simple(SYS_THREAD_STATE, thread, 0);
	if (!error)
		memcpy(state, sys_utcb()->message.word, sizeof *state);
	return error;
}

enum error kernel_thread_set_state(cap_t thread,
                                   struct kernel_thread_state const *state)
{
	memcpy(sys_utcb()->message.word, state, sizeof *state);
	return simple(SYS_THREAD_SET_STATE, thread, 0);
}

enum error kernel_thread_fpu(cap_t thread, uint64_t offset, void *line)
{
	enum error const error = simple(SYS_THREAD_FPU, thread, offset);
	if (!error)
		memcpy(line, sys_utcb()->message.word, KERNEL_FPU_LINE);
	return error;
}

enum error kernel_thread_set_fpu(cap_t thread, uint64_t offset, void const *line)
{
	memcpy(sys_utcb()->message.word, line, KERNEL_FPU_LINE);
	return simple(SYS_THREAD_SET_FPU, thread, offset);
}

enum error kernel_thread_schedule(cap_t thread, uint32_t cpu,
                                  uint32_t priority, unsigned group)
{
	if (priority >= KERNEL_PRIORITIES || group >= KERNEL_CPU_GROUPS)
		return ERROR_INVALID;
	return simple(SYS_THREAD_SCHEDULE, thread,
	              priority | group << 8 | (uint64_t)cpu << 16);
}

enum error kernel_thread_unpark(cap_t thread)
{
	return simple(SYS_THREAD_UNPARK, thread, 0);
}

enum error kernel_thread_time(cap_t thread, uint64_t *tsc)
{
	struct sys_raw r = { .dx = SYS_THREAD_TIME, .di = thread };
	enum error const error = call(&r);
	if (!error)
		*tsc = r.di;
	return error;
}

enum error kernel_cpu_quota(unsigned group, unsigned percent)
{
	return simple(SYS_CPU_QUOTA, group, percent);
}

/* -- mappings -- */

enum error kernel_map(cap_t pd, uint64_t virt, uint64_t phys, uint64_t size,
                      unsigned flags)
{
	struct sys_raw r = { .si = virt, .ax = phys, .r8 = size };
	enum error error;
	do {    /* the kernel advances the range */
		r = (struct sys_raw) { .dx = SYS_MAP, .di = pd, .si = r.si,
		                       .ax = r.ax, .r8 = r.r8, .r9 = flags };
		error = call(&r);
	} while (error == ERROR_AGAIN);
	return error;
}

enum error kernel_unmap_step(cap_t pd, uint64_t *virt, uint64_t *size)
{
	struct sys_raw r = { .dx = SYS_UNMAP, .di = pd, .si = *virt,
	                     .r8 = *size };
	enum error const error = call(&r);
	*virt = r.si;
	*size = r.r8;
	return error;
}

enum error kernel_unmap(cap_t pd, uint64_t virt, uint64_t size)
{
	enum error error;
	do error = kernel_unmap_step(pd, &virt, &size);
	while (error == ERROR_AGAIN);
	return error;
}

/* -- machine -- */

void kernel_console_put(char c)
{
	error_ignore(simple(SYS_CONSOLE_PUT, (unsigned char)c, 0), "core may");
}

void kernel_console_give_away(void)
{
	error_ignore(simple(SYS_CONSOLE_GIVE_AWAY, 0, 0), "core may");
}

enum error kernel_idle_time(uint32_t cpu, uint64_t *tsc)
{
	struct sys_raw r = { .dx = SYS_IDLE_TIME, .di = cpu };
	enum error const error = call(&r);
	if (!error)
		*tsc = r.di;
	return error;
}

enum error kernel_reboot(void) { return simple(SYS_REBOOT, 0, 0); }
