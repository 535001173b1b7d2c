/* SPDX-License-Identifier: MIT */
/*
 * Privileged operations on objects and mappings
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <kernel/control.h>
#include <kernel/irq.h>
#include <kernel/portal.h>
#include <kernel/signal.h>
#include <kernel/supervisor.h>

enum { MAP_STEPS = 8, DIE_STEPS = 8 };


/** Frames lack in the pool of 'pd' */
static enum error lacking(struct ec *ec, struct pd const *pd, uint32_t missing)
{
	ec->missing = missing | (pd == ec->pd ? ABI_MISSING_OWN : 0);
	return ERROR_KERNEL_RAM;
}


static struct kobject *controlled(struct ec *ec, cap_t name,
                                  enum kobject_type type, enum error *error)
{
	return cap_typed(&ec->pd->caps, name, RIGHT_CONTROL, type, error);
}


static struct pd *controlled_pd(struct ec *ec, cap_t name, enum error *error)
{
	struct kobject *const o = controlled(ec, name, KOBJECT_PD, error);
	return o ? container_of(o, struct pd, object) : NULL;
}


static struct ec *controlled_ec(struct ec *ec, cap_t name, enum error *error)
{
	struct kobject *const o = controlled(ec, name, KOBJECT_EC, error);
	return o ? container_of(o, struct ec, object) : NULL;
}


/** Frames that core may donate: it is trusted to name free ones */
static bool frames_valid(uint64_t phys, uint64_t frames)
{
	uint64_t const limit = KERNEL_PHYS_END - KERNEL_PHYS_BASE;
	return aligned(phys, PAGE_SIZE) && frames <= ~0U && phys < limit
	    && frames * PAGE_SIZE <= limit - phys;
}


/* -- creation -- */

/** Reserve core's name for a new object, then its memory */
static struct kobject *object_new(struct ec *ec, struct pd *pd,
                                  enum kobject_type type, enum error *error)
{
	uint32_t missing = 0;
	*error = cap_reserve(ec->pd, 1, &missing);
	if (*error) {
		if (*error == ERROR_KERNEL_RAM)
			*error = lacking(ec, ec->pd, missing);
		return NULL;
	}
	struct kobject *const object = pd_object_new(pd, type, &missing);
	if (object)
		return object;

	cap_unreserve(ec->pd, 1);
	*error = missing ? lacking(ec, pd, missing) : ERROR_GONE;
	return NULL;
}


static enum error name_new(struct ec *ec, struct kobject *object, uint8_t rights,
                           cap_t *name)
{
	uint8_t  reserved = 1;
	uint32_t missing;
	enum error const error = cap_add(ec->pd, object, rights | RIGHT_CONTROL,
	                                 &reserved, name, &missing);
	cap_unreserve(ec->pd, reserved);
	return error;
}


enum error control_pd_create(struct ec *ec, uint64_t phys, uint64_t frames,
                             cap_t *name)
{
	if (!frames_valid(phys, frames) || frames < KERNEL_PD_FRAMES)
		return ERROR_INVALID;

	uint32_t missing = 0;
	enum error const error = cap_reserve(ec->pd, 1, &missing);
	if (error == ERROR_KERNEL_RAM)
		return lacking(ec, ec->pd, missing);
	if (error)
		return error;
	return name_new(ec, &pd_create(phys, (uint32_t)frames)->object, 0, name);
}


enum error control_pd_donate(struct ec *ec, cap_t name, uint64_t phys,
                             uint64_t frames)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, name, &error);
	if (!pd)
		return error;
	if (!frames_valid(phys, frames))
		return ERROR_INVALID;
	pd_donate(pd, phys, (uint32_t)frames);
	return ERROR_OK;
}


enum error control_pd_info(struct ec *ec, cap_t name,
                           struct kernel_pd_info *info)
{
	enum error error;
	struct pd const *const pd = controlled_pd(ec, name, &error);
	if (pd)
		*info = (struct kernel_pd_info) {
			.frames  = pd->pool.frames,
			.free    = pd->pool.free,
			.caps    = pd->caps.used - 1,
			.objects = pd->n_objects,
		};
	return error;
}


/** Addresses are the user's, unless core shares the kernel's half */
static bool addresses_valid(struct pd const *pd,
                            struct kernel_thread_args const *args)
{
	return (SUPERVISOR_CORE && pd == pd_core)
	    || (args->ip < LAYOUT_USER_END && args->sp < LAYOUT_USER_END
	        && args->utcb < LAYOUT_USER_END);
}


static bool thread_valid(struct pd const *pd,
                         struct kernel_thread_args const *args)
{
	return args->cpu < cpu_count && args->priority < KERNEL_PRIORITIES
	    && args->group < KERNEL_CPU_GROUPS && addresses_valid(pd, args)
	    && frames_valid(args->utcb_phys, 1);
}


/** Interrupts on; core's threads access ports (I/O privilege level 3) */
static uint64_t initial_flags(struct pd const *pd)
{
	enum { FLAG_FIXED = 1 << 1, FLAG_INTERRUPT = 1 << 9, FLAG_IOPL = 3 << 12 };
	return FLAG_FIXED | FLAG_INTERRUPT | (pd == pd_core ? FLAG_IOPL : 0);
}


enum error control_thread_create(struct ec *ec, cap_t pd_name,
                                 struct kernel_thread_args const *args,
                                 cap_t *name)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;
	if (!thread_valid(pd, args))
		return ERROR_INVALID;
	struct kobject *const object = object_new(ec, pd, KOBJECT_EC, &error);
	if (!object)
		return error;

	struct ec *const new = container_of(object, struct ec, object);
	ec_init(new, pd, cpu_table[args->cpu]);
	new->priority    = new->level = (uint8_t)args->priority;
	new->group       = new->sc_group = (uint8_t)args->group;
	new->regs.ip     = args->ip;
	new->regs.sp     = args->sp;
	new->regs.di     = args->arg;
	new->regs.flags  = initial_flags(pd);
	new->utcb_user   = args->utcb;
	new->utcb        = phys_pointer(args->utcb_phys);
	new->pager       = args->pager;
	new->fault_label = args->fault_label;
	return name_new(ec, object, 0, name);
}


/** Domain that pays, and thread that a portal or signal is for */
static struct kobject *bound_new(struct ec *ec, cap_t pd_name, cap_t thread,
                                 enum kobject_type type, struct ec **to,
                                 enum error *error)
{
	struct pd *const pd = controlled_pd(ec, pd_name, error);
	if (!pd)
		return NULL;
	*to = controlled_ec(ec, thread, error);
	return *to ? object_new(ec, pd, type, error) : NULL;
}


enum error control_portal_create(struct ec *ec, cap_t pd, cap_t thread,
                                 uint64_t label, cap_t *name)
{
	enum error error;
	struct ec *to;
	struct kobject *const object =
		bound_new(ec, pd, thread, KOBJECT_PORTAL, &to, &error);
	if (!object)
		return error;
	portal_init(container_of(object, struct portal, object), to, label);
	return name_new(ec, object, RIGHT_CALL, name);
}


enum error control_signal_create(struct ec *ec, cap_t pd, cap_t thread,
                                 uint64_t label, cap_t *name)
{
	enum error error;
	struct ec *to;
	struct kobject *const object =
		bound_new(ec, pd, thread, KOBJECT_SIGNAL, &to, &error);
	if (!object)
		return error;
	signal_init(container_of(object, struct signal, object), to, label);
	return name_new(ec, object, RIGHT_SUBMIT, name);
}


/* -- interrupts -- */

enum error control_irq_create(struct ec *ec, cap_t pd_name, uint64_t gsi,
                              uint64_t kind, uint64_t cpu, cap_t *name,
                              struct kernel_msi *msi)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;
	if (kind > KERNEL_IRQ_MSI || cpu >= cpu_count || gsi > ~0U)
		return ERROR_INVALID;
	struct kobject *const object = object_new(ec, pd, KOBJECT_IRQ, &error);
	if (!object)
		return error;

	error = irq_init(container_of(object, struct irq, object), (uint32_t)gsi,
	                 (unsigned)kind, cpu_table[cpu], &msi->address, &msi->data);
	if (!error)
		return name_new(ec, object, 0, name);
	cap_unreserve(ec->pd, 1);
	pd_object_free(object);
	return error;
}


static struct irq *controlled_irq(struct ec *ec, cap_t name, enum error *error)
{
	struct kobject *const o = controlled(ec, name, KOBJECT_IRQ, error);
	return o ? container_of(o, struct irq, object) : NULL;
}


enum error control_irq_bind(struct ec *ec, cap_t name, cap_t signal)
{
	enum error error;
	struct irq *const irq = controlled_irq(ec, name, &error);
	if (!irq)
		return error;
	if (signal && !cap_typed(&ec->pd->caps, signal, 0, KOBJECT_SIGNAL, &error))
		return error;
	irq->signal = signal;
	return ERROR_OK;
}


enum error control_irq_ack(struct ec *ec, cap_t name)
{
	enum error error;
	struct irq *const irq = controlled_irq(ec, name, &error);
	if (irq)
		irq_ack(irq);
	return error;
}


/* -- destruction -- */

static enum error destroy_steps(struct ec *ec)
{
	for (unsigned i = 0; i < DIE_STEPS; i++)
		if (kobject_die(ec->destroys)) {
			ec->destroys = NULL;
			return ERROR_OK;
		}
	return CONTROL_AGAIN;
}


static bool indispensable(struct ec const *ec, struct kobject const *object)
{
	return object == &pd_core->object || object == &ec->object;
}


static enum error destroy_object(struct ec *ec, struct kobject *object)
{
	if (indispensable(ec, object))
		return ERROR_INVALID;
	if (!kobject_claim(object))
		return ERROR_GONE;
	ec->destroys = object;
	return destroy_steps(ec);
}


enum error control_destroy(struct ec *ec, cap_t name)
{
	if (ec->destroys)
		return destroy_steps(ec);

	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, name, &rights);
	if (!object)
		return ERROR_GONE;
	if (!(rights & RIGHT_CONTROL))
		return ERROR_INVALID;
	return destroy_object(ec, object);
}


enum error control_destroy_owned(struct ec *ec, cap_t pd_name, cap_t name)
{
	if (ec->destroys)
		return destroy_steps(ec);

	enum error error;
	struct pd const *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;
	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, name, &rights);
	if (!object)
		return ERROR_GONE;
	if (object->pd != pd || (object->type != KOBJECT_PORTAL
	                      && object->type != KOBJECT_SIGNAL))
		return ERROR_INVALID;
	return destroy_object(ec, object);
}


enum error control_delegate(struct ec *ec, cap_t pd_name, cap_t name,
                            cap_t *result)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;
	uint8_t rights;
	struct kobject *const object = cap_object(ec->pd, name, &rights);
	if (!object)
		return ERROR_GONE;

	uint32_t missing = 0;
	rights &= (uint8_t)~RIGHT_CONTROL;
	error = cap_add(pd, object, rights, NULL, result, &missing);
	return error == ERROR_KERNEL_RAM ? lacking(ec, pd, missing) : error;
}


/* -- mappings -- */

enum error control_map(struct ec *ec, cap_t pd_name, uint64_t *virt,
                       uint64_t *phys, uint64_t *size, unsigned flags)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;

	unsigned missing = 0;
	lock_take(&pd->lock);
	for (unsigned i = 0; i < MAP_STEPS && !error && *size; i++) {
		uint64_t done = 0;
		error = page_table_map(&pd->space, &pd->pool, *virt, *phys, *size,
		                       flags, &done, &missing);
		*virt += done;
		*phys += done;
		*size -= done;
	}
	lock_release(&pd->lock);

	if (error == ERROR_KERNEL_RAM)
		return lacking(ec, pd, missing);
	return !error && *size ? CONTROL_AGAIN : error;
}


enum error control_unmap(struct ec *ec, cap_t pd_name, uint64_t *virt,
                         uint64_t *size)
{
	enum error error;
	struct pd *const pd = controlled_pd(ec, pd_name, &error);
	if (!pd)
		return error;

	lock_take(&pd->lock);
	for (unsigned i = 0; i < MAP_STEPS && !error && *size; i++) {
		uint64_t done = 0;
		error = page_table_unmap(&pd->space, &pd->pool, *virt, *size,
		                         &done);
		*virt += done;
		*size -= done;
	}
	lock_release(&pd->lock);

	return !error && *size ? CONTROL_AGAIN : error;
}
