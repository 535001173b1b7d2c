/* SPDX-License-Identifier: MIT */
/*
 * Stand between components and their PD and CPU sessions, and tell what they do
 *
 * The components do not notice. Each operation goes to the real session, which
 * came with the request (doc/parent.md, interposing).
 */

#include <base/component.h>
#include <base/service.h>
#include <rpc/cpu.h>
#include <rpc/pd.h>
#include <util/container_of.h>

struct seen {
	struct session_object base;
	object_cap_t          real;
	uint64_t              allocated;
};

static struct env *the_env;

static struct seen *seen_of(struct rpc_object *object)
{
	return container_of(object, struct seen, base.object);
}

static struct pd_ops const pd_ops;
static struct cpu_ops const cpu_ops;

static pd_cap_t pd_of(struct rpc_object *object)
{
	return (pd_cap_t) { seen_of(object)->real.cap };
}

static cpu_cap_t cpu_of(struct rpc_object *object)
{
	return (cpu_cap_t) { seen_of(object)->real.cap };
}

/** What is passed on in a reply is not ours: the name goes with the next call */
static enum error passed(enum error error, cap_t cap)
{
	static cap_t last;
	cap_drop(last);
	last = error ? 0 : cap;
	return error;
}

/* -- PD -- */

static enum error ram_alloc_op(struct rpc_object *o, uint64_t size,
                               uint32_t flags, dataspace_cap_t *ds)
{
	struct seen *const seen = seen_of(o);
	enum error const error = pd_ram_alloc(pd_of(o), size, flags, ds);
	if (!error) {
		seen->allocated += size;
		log_info("%s: %lu bytes, %lu in all", seen->base.label, size,
		         seen->allocated);
	}
	return passed(error, ds->cap);
}

static enum error ram_free_op(struct rpc_object *o, dataspace_cap_t ds)
{
	return pd_ram_free(pd_of(o), ds);
}

static enum error ram_clone(struct rpc_object *o, dataspace_cap_t ds,
                            dataspace_cap_t *clone)
{
	return passed(pd_ram_clone(pd_of(o), ds, clone), clone->cap);
}

static enum error ram_view(struct rpc_object *o, dataspace_cap_t ds,
                           dataspace_cap_t *view)
{
	return passed(pd_ram_view(pd_of(o), ds, view), view->cap);
}

static enum error ram_seal(struct rpc_object *o, dataspace_cap_t ds)
{
	return pd_ram_seal(pd_of(o), ds);
}

static enum error address_space(struct rpc_object *o, rm_cap_t *rm)
{
	return passed(pd_address_space(pd_of(o), rm), rm->cap);
}

static enum error portal_create(struct rpc_object *o, thread_cap_t thread,
                                uint64_t label, object_cap_t *portal)
{
	return passed(pd_portal_create(pd_of(o), thread, label, portal),
	              portal->cap);
}

static enum error signal_create(struct rpc_object *o, thread_cap_t thread,
                                uint64_t label, signal_cap_t *signal)
{
	return passed(pd_signal_create(pd_of(o), thread, label, signal),
	              signal->cap);
}

static enum error object_destroy(struct rpc_object *o, object_cap_t object)
{
	return pd_object_destroy(pd_of(o), object);
}

static enum error kernel_refill(struct rpc_object *o)
{
	return pd_kernel_refill(pd_of(o));
}

static enum error account(struct rpc_object *o, struct pd_account *account)
{
	return pd_account(pd_of(o), account);
}

/** The real one, if it is one that we made up */
static pd_cap_t real_pd(pd_cap_t pd)
{
	struct rpc_object *const own =
		rpc_object_find(the_env->ep, pd.cap, &pd_ops);
	return own ? pd_of(own) : pd;
}

static enum error transfer(struct rpc_object *o, pd_cap_t to, uint64_t ram,
                           uint64_t caps)
{
	return pd_transfer(pd_of(o), real_pd(to), ram, caps);
}

static enum error reference(struct rpc_object *o, pd_cap_t pd)
{
	return pd_reference(pd_of(o), real_pd(pd));
}

/** A component that a watched one starts finds what its parent found */
static enum error start(struct rpc_object *o, cpu_cap_t cpu,
                        parent_cap_t parent, log_cap_t log, rom_cap_t binary)
{
	struct rpc_object *const own =
		rpc_object_find(the_env->ep, cpu.cap, &cpu_ops);
	if (!own)
		return pd_start(pd_of(o), cpu, parent, log, binary);
	enum error const error = pd_present(pd_of(o), (pd_cap_t) { o->cap }, cpu);
	return error ? error
	     : pd_start(pd_of(o), cpu_of(own), parent, log, binary);
}

static enum error attention(struct rpc_object *o, signal_cap_t *signal)
{
	return passed(pd_attention(pd_of(o), signal), signal->cap);
}

static struct pd_ops const pd_ops = {
	.ram_alloc = ram_alloc_op, .ram_free = ram_free_op,
	.ram_clone = ram_clone, .ram_view = ram_view, .ram_seal = ram_seal,
	.address_space = address_space, .portal_create = portal_create,
	.signal_create = signal_create, .object_destroy = object_destroy,
	.kernel_refill = kernel_refill, .account = account,
	.transfer = transfer, .reference = reference, .start = start,
	.attention = attention,
};

/* -- CPU -- */

/** The PD that is named is the one that we made up: the real one is behind it */
static enum error thread_create(struct rpc_object *o, pd_cap_t pd,
                                char const *name, uint32_t index,
                                uint32_t priority, thread_cap_t *thread,
                                uint64_t *utcb)
{
	log_info("%s: thread '%s'", seen_of(o)->base.label, name);
	return passed(cpu_thread_create(cpu_of(o), real_pd(pd), name, index,
	                                priority, thread, utcb), thread->cap);
}

static enum error fault_handler(struct rpc_object *o, signal_cap_t handler)
{
	return cpu_fault_handler(cpu_of(o), handler);
}

static enum error fault(struct rpc_object *o, struct cpu_fault *f,
                        char name[32])
{
	return cpu_fault(cpu_of(o), f, name);
}

static enum error count(struct rpc_object *o, uint32_t *n)
{
	return cpu_count(cpu_of(o), n);
}

static enum error time(struct rpc_object *o, uint64_t *us)
{
	return cpu_time(cpu_of(o), us);
}

static struct cpu_ops const cpu_ops = {
	.thread_create = thread_create, .fault_handler = fault_handler,
	.fault = fault, .count = count, .time = time };

/* -- services -- */

static enum error create_pd(struct service *service, struct session_object *base,
                            struct session_request const *request)
{
	container_of(base, struct seen, base)->real = request->behind;
	pd_object_init(&base->object, &pd_ops);
	log_info("%s: is watched", request->label);
	return request->behind.cap ? ERROR_OK : ERROR_DENIED;
}

static enum error create_cpu(struct service *service,
                             struct session_object *base,
                             struct session_request const *request)
{
	container_of(base, struct seen, base)->real = request->behind;
	cpu_object_init(&base->object, &cpu_ops);
	return request->behind.cap ? ERROR_OK : ERROR_DENIED;
}

static struct service pd_service = {
	.name = "PD", .session_size = sizeof(struct seen), .create = create_pd };
static struct service cpu_service = {
	.name = "CPU", .session_size = sizeof(struct seen), .create = create_cpu };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error const error = service_announce(&pd_service, env);
	return error ? error : service_announce(&cpu_service, env);
}
