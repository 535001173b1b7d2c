/* SPDX-License-Identifier: MIT */
/*
 * Core's operations on objects, mappings and the machine (core/kernel.h)
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <base/internal/boot.h>
#include <kernel/context.h>
#include <kernel/irq.h>
#include <kernel/local.h>
#include <kernel/panic.h>
#include <kernel/portal.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/supervisor.h>
#include <kernel/syscall.h>

enum { MAP_STEPS = 4 };

_Static_assert(sizeof(struct kernel_thread_args) <= 8 * RPC_WORDS,
               "words of a message");

/** The serial port belongs to a component; only a panic uses it */
static bool console_given;


/** Frames lack in the pool of 'pd' */
static enum error lacking(struct ec *ec, struct pd const *pd, uint32_t missing)
{
	ec->missing = missing | (pd == ec->pd ? ABI_MISSING_OWN : 0);
	return ERROR_KERNEL_RAM;
}


/** Frames that core may donate: it is trusted to name free ones */
static bool frames_valid(uint64_t phys, uint64_t frames)
{
	uint64_t const limit = KERNEL_PHYS_END - KERNEL_PHYS_BASE;
	return aligned(phys, PAGE_SIZE) && frames <= ~0U && phys < limit
	    && frames * PAGE_SIZE <= limit - phys;
}


/* -- creation -- */

static enum error name_reserve(struct ec *ec)
{
	enum error const error = cap_reserve(ec->pd, 1);
	return error == ERROR_KERNEL_RAM ? lacking(ec, ec->pd, 1) : error;
}


/** Reserve core's name for a new object, then its memory */
static struct kobject *object_new(struct ec *ec, struct pd *pd,
                                  enum kobject_type type, enum error *error)
{
	*error = name_reserve(ec);
	if (*error)
		return NULL;

	struct kobject *const object = pd_object_new(pd, type);
	if (!object) {
		cap_unreserve(ec->pd, 1);
		*error = pd->object.dead ? ERROR_GONE : lacking(ec, pd, 1);
	}
	return object;
}


static enum error name_new(struct ec *ec, struct kobject *object, uint8_t rights)
{
	uint8_t reserved = 1;
	enum error const error = cap_add(ec->pd, object, rights | RIGHT_CONTROL,
	                                 &reserved, &ec->regs.di);
	cap_unreserve(ec->pd, reserved);
	return error;
}


enum error call_pd_create(struct ec *ec, struct kobject *none)
{
	uint64_t const phys = ec->regs.di, frames = ec->regs.si;
	if (!frames_valid(phys, frames) || frames < KERNEL_PD_FRAMES)
		return ERROR_INVALID;

	enum error const error = name_reserve(ec);
	return error ? error
	             : name_new(ec, &pd_create(phys, (uint32_t)frames)->object, 0);
}


enum error call_pd_donate(struct ec *ec, struct kobject *pd)
{
	if (!frames_valid(ec->regs.si, ec->regs.ax))
		return ERROR_INVALID;
	pd_donate(kobject_pd(pd), ec->regs.si, (uint32_t)ec->regs.ax);
	return ERROR_OK;
}


enum error call_pd_info(struct ec *ec, struct kobject *object)
{
	struct pd const *const pd = kobject_pd(object);
	ec->regs.di = pd->pool.frames;
	ec->regs.si = pd->pool.free;
	ec->regs.ax = pd->caps.used - 1;
	ec->regs.r8 = pd->n_objects;
	return ERROR_OK;
}


/** Addresses are the user's, unless core shares the kernel's half */
static bool thread_valid(struct pd const *pd,
                         struct kernel_thread_args const *args)
{
	bool const user = args->ip < LAYOUT_USER_END && args->sp < LAYOUT_USER_END
	               && args->utcb < LAYOUT_USER_END;
	return args->cpu < cpu_count && args->priority < KERNEL_PRIORITIES
	    && args->group < KERNEL_CPU_GROUPS && frames_valid(args->utcb_phys, 1)
	    && (user || (SUPERVISOR_CORE && pd == pd_core));
}


enum error call_thread_create(struct ec *ec, struct kobject *payer)
{
	/* copied, as other threads may change it */
	struct kernel_thread_args args =
		*(struct kernel_thread_args const *)(void *)ec->utcb->message.word;
	struct pd *const pd = kobject_pd(payer);
	if (!thread_valid(pd, &args))
		return ERROR_INVALID;

	enum error error;
	struct kobject *const object = object_new(ec, pd, KOBJECT_EC, &error);
	if (!object)
		return error;
	struct ec *const new = container_of(object, struct ec, object);
	ec_init(new, pd, cpu_table[args.cpu]);
	new->priority    = new->level = (uint8_t)args.priority;
	new->group       = new->sc_group = (uint8_t)args.group;
	new->regs.ip     = args.ip;
	new->regs.sp     = args.sp;
	new->regs.di     = args.arg;
	new->utcb_user   = args.utcb;
	new->utcb        = phys_pointer(args.utcb_phys);
	new->pager       = args.pager;
	new->fault_label = args.fault_label;
	if (!args.context)
		return name_new(ec, object, 0);
	if (context_init(new))
		return name_new(ec, object, RIGHT_RUN);
	cap_unreserve(ec->pd, 1);
	pd_object_free(object);
	return lacking(ec, pd, 1);
}


/** Portal or signal for the thread that the second argument names */
static enum error bound_create(struct ec *ec, struct kobject *payer,
                               enum kobject_type type)
{
	enum error error;
	struct kobject *const thread = cap_typed(&ec->pd->caps, ec->regs.si,
	                                         RIGHT_CONTROL, KOBJECT_EC, &error);
	struct kobject *const object =
		thread ? object_new(ec, kobject_pd(payer), type, &error) : NULL;
	if (!object)
		return error;

	struct ec *const to = container_of(thread, struct ec, object);
	bool const portal = type == KOBJECT_PORTAL;
	if (portal)
		portal_init(container_of(object, struct portal, object), to,
		            ec->regs.ax);
	else
		signal_init(container_of(object, struct signal, object), to,
		            ec->regs.ax);
	return name_new(ec, object, portal ? RIGHT_CALL : RIGHT_SUBMIT);
}


enum error call_portal_create(struct ec *ec, struct kobject *payer)
{
	return bound_create(ec, payer, KOBJECT_PORTAL);
}


enum error call_signal_create(struct ec *ec, struct kobject *payer)
{
	return bound_create(ec, payer, KOBJECT_SIGNAL);
}


/* -- interrupts -- */

enum error call_irq_create(struct ec *ec, struct kobject *payer)
{
	uint64_t const gsi = ec->regs.si, kind = ec->regs.ax, cpu = ec->regs.r8;
	if (kind > KERNEL_IRQ_MSI || cpu >= cpu_count || gsi > ~0U)
		return ERROR_INVALID;

	enum error error;
	struct kobject *const object =
		object_new(ec, kobject_pd(payer), KOBJECT_IRQ, &error);
	if (!object)
		return error;
	uint64_t address = 0;
	uint32_t data    = 0;
	error = irq_init(container_of(object, struct irq, object), (uint32_t)gsi,
	                 (unsigned)kind, cpu_table[cpu], &address, &data);
	ec->regs.si = address;
	ec->regs.ax = data;
	if (!error)
		return name_new(ec, object, 0);
	cap_unreserve(ec->pd, 1);
	pd_object_free(object);
	return error;
}


enum error call_irq_bind(struct ec *ec, struct kobject *irq)
{
	cap_t const signal = ec->regs.si;
	enum error error;
	if (signal && !cap_typed(&ec->pd->caps, signal, 0, KOBJECT_SIGNAL, &error))
		return error;
	container_of(irq, struct irq, object)->signal = signal;
	return ERROR_OK;
}


enum error call_irq_ack(struct ec *ec, struct kobject *irq)
{
	irq_ack(container_of(irq, struct irq, object));
	return ERROR_OK;
}


/* -- destruction -- */

/** AGAIN: core goes on by what the third register tells it, when it likes */
static enum error destroy_step(struct ec *ec, struct kobject *object)
{
	ec->regs.ax = (uint64_t)object;
	if (kobject_die(object))
		return ERROR_OK;
	sched_yield();
	return ERROR_AGAIN;
}


static enum error destroy(struct ec *ec, struct kobject *object)
{
	if (object == &pd_core->object || object == &ec->object)
		return ERROR_INVALID;        /* indispensable */
	if (!kobject_claim(object))
		return ERROR_GONE;
	return destroy_step(ec, object);
}


enum error call_destroy(struct ec *ec, struct kobject *none)
{
	if (ec->regs.ax)
		return destroy_step(ec, (struct kobject *)ec->regs.ax);

	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, ec->regs.di, &rights);
	if (!object)
		return ERROR_GONE;
	return rights & RIGHT_CONTROL ? destroy(ec, object) : ERROR_INVALID;
}


enum error call_destroy_owned(struct ec *ec, struct kobject *pd)
{
	if (ec->regs.ax)
		return destroy_step(ec, (struct kobject *)ec->regs.ax);

	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, ec->regs.si, &rights);
	if (!object)
		return ERROR_GONE;
	bool const bound = object->type == KOBJECT_PORTAL
	                || object->type == KOBJECT_SIGNAL;
	return bound && object->pd == kobject_pd(pd) ? destroy(ec, object)
	                                             : ERROR_INVALID;
}


enum error call_delegate(struct ec *ec, struct kobject *to)
{
	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, ec->regs.si, &rights);
	if (!object)
		return ERROR_GONE;

	rights &= (uint8_t)~RIGHT_CONTROL;
	enum error const error = cap_add(kobject_pd(to), object, rights, NULL,
	                                 &ec->regs.di);
	return error == ERROR_KERNEL_RAM ? lacking(ec, kobject_pd(to), 1) : error;
}


/* -- mappings: the range is advanced by what was done; AGAIN: there is a rest -- */

static enum error map_step(struct pd *pd, struct ec_regs *r, bool map,
                           uint32_t *missing)
{
	uint64_t done = 0;
	enum error const error = map
		? page_table_map(&pd->space, &pd->pool, r->si, r->ax, r->r8,
		                 (unsigned)r->r9, &done, missing)
		: page_table_unmap(&pd->space, &pd->pool, r->si, r->r8, &done);
	r->si += done;
	r->ax += done;
	r->r8 -= done;
	return error;
}


static enum error map_steps(struct ec *ec, struct pd *pd, bool map)
{
	enum error error = ERROR_OK;
	uint32_t missing = 0;
	lock_take(&pd->lock);
	for (unsigned i = 0; i < MAP_STEPS && !error && ec->regs.r8; i++)
		error = map_step(pd, &ec->regs, map, &missing);
	lock_release(&pd->lock);

	if (error == ERROR_KERNEL_RAM)
		return lacking(ec, pd, missing);
	return !error && ec->regs.r8 ? ERROR_AGAIN : error;
}


enum error call_map(struct ec *ec, struct kobject *pd)
{
	return map_steps(ec, kobject_pd(pd), true);
}


enum error call_unmap(struct ec *ec, struct kobject *pd)
{
	return map_steps(ec, kobject_pd(pd), false);
}


/* -- machine -- */

enum error call_console_put(struct ec *ec, struct kobject *none)
{
	if (!console_given)
		console_put((char)ec->regs.di);
	return ERROR_OK;
}


enum error call_console_give_away(struct ec *ec, struct kobject *none)
{
	console_given = true;
	return ERROR_OK;
}


enum error call_cpu_quota(struct ec *ec, struct kobject *none)
{
	return budget_set_quota(ec->regs.di, ec->regs.si);
}


enum error call_reboot(struct ec *ec, struct kobject *none)
{
	machine_reset();
	return ERROR_REFUSED;
}
