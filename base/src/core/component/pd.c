/* SPDX-License-Identifier: MIT */
/** Protection domains */

/* public */
#include <base/rpc_stub.h>
#include <rpc/pd.h>
#include <util/align.h>
#include <util/bits.h>

/* internal */
#include <base/internal/rpc.h>
#include <base/internal/start.h>
#include <core/kernel.h>

/* local */
#include "entrypoint.h"
#include "component/pd.h"
#include "component/thread.h"
#include "work.h"

/* allocations that go on later: more than there are threads to wait for them;
   accounts above each other */
enum { PENDING_MAX = 64, REFERENCES_MAX = 64 };

static enum error serve(struct rpc_object *, struct rpc_message *);

struct pd *pd_find(pd_cap_t cap)
{
	return object_find(cap.cap, serve);
}

enum error pd_map(struct pd *pd, uint64_t virt, uint64_t phys, uint64_t size,
                  unsigned flags)
{
	enum error error;
	do error = kernel_map(pd->pool.pd, virt, phys, size, flags);
	while (pool_lacks(&pd->pool, &error));
	return error;
}

enum error pd_delegate(struct pd *pd, cap_t object, cap_t *name)
{
	enum error error = ERROR_OK;
	*name = 0;
	if (!object)
		return error;
	do error = kernel_delegate(pd->pool.pd, object, name);
	while (pool_lacks(&pd->pool, &error));
	return error;
}

static bool free_dataspace(struct pd *pd, struct dataspace *ds)
{
	if (!dataspace_close(ds))
		return false;
	arena_free(&pd->session.arena, ds, sizeof *ds);
	pd_replenished(pd);
	return true;
}

/** Outcome of opening 'ds' in the PD's arena */
static enum error opened(struct pd *pd, enum error error, struct dataspace *ds,
                         dataspace_cap_t *cap)
{
	if (error) {
		arena_free(&pd->session.arena, ds, sizeof *ds);
		return error;
	}
	list_append(&pd->dataspaces, &ds->by_owner);
	cap->cap = ds->object.rpc.cap;
	return ERROR_OK;
}

static struct dataspace *of_owner(struct list_node *node)
{
	return container_of(node, struct dataspace, by_owner);
}

/* -- what goes on in a later call, which has nothing but its ticket -- */

static uint64_t last_ticket;

/** Odd ones are of objects that die */
static uint64_t new_ticket(bool dies)
{
	return (last_ticket += 2) | dies;
}

/** The same, unless it is not yet complete: then its ticket will be asked for */
static enum error opened_partly(struct pd *pd, enum error error,
                                struct dataspace *ds, dataspace_cap_t *cap)
{
	if (error != ERROR_AGAIN)
		return opened(pd, error, ds, cap);
	ds->ticket = new_ticket(false);
	list_append(&pd->pending, &ds->by_owner);
	pd->n_pending++;
	return work_later_on(ds->ticket);
}

static bool free_pending(struct pd *pd, struct dataspace *ds)
{
	if (!free_dataspace(pd, ds))
		return false;
	pd->n_pending--;
	return true;
}

/** Those that nobody asks for any more give way; false: not yet */
static bool room_for_pending(struct pd *pd)
{
	while (pd->n_pending >= PENDING_MAX)
		if (!free_pending(pd, of_owner(list_first(&pd->pending))))
			return false;
	return true;
}

/** NO_RAM, when what there was of it is free */
static enum error complete(struct pd *pd, struct dataspace *ds,
                           dataspace_cap_t *cap)
{
	enum error const error = ds->closing ? ERROR_NO_RAM
	                                     : dataspace_complete(ds);
	if (error == ERROR_AGAIN)
		return work_later_on(ds->ticket);
	if (error)
		return free_pending(pd, ds) ? error : work_later_on(ds->ticket);
	list_remove(&ds->by_owner);
	pd->n_pending--;
	return opened(pd, error, ds, cap);
}

static enum error go_on_with_memory(struct pd *pd, uint64_t ticket,
                                    dataspace_cap_t *cap)
{
	list_for_each(&pd->pending, node)
		if (of_owner(node)->ticket == ticket)
			return complete(pd, of_owner(node), cap);
	return ERROR_NO_RAM;            /* it gave way */
}

/** A step of the destruction that has begun; false: more is left */
static bool finish_object(struct pd *pd)
{
	while (pd->dying) {
		uint64_t const begin = clock_tsc();
		if (kernel_destroy_owned_step(pd->pool.pd, 0, &pd->dying_rest)
		    != ERROR_AGAIN) {
			pd->dying = 0;
			account_give(&pd->session.account, 0, 1);
			break;
		}
		work_spend_since(begin);
		if (!work_allowed())
			return false;
	}
	return true;
}

/** Another one may have followed, once that was gone */
static enum error go_on_with_object(struct pd *pd, uint64_t ticket)
{
	return pd->dying != ticket || finish_object(pd) ? ERROR_OK
	                                                : work_later_on(ticket);
}

static enum error serve(struct rpc_object *self, struct rpc_message *m)
{
	struct pd *const pd = object_self(self);
	uint64_t const ticket = m->word[0];
	dataspace_cap_t ds = { 0 };
	if (m->tag != RPC_GO_ON)
		return pd_dispatch(self, m);
	if (m->words != 1 || m->caps)
		return rpc_refuse(m, ERROR_INVALID);
	enum error const error = ticket & 1 ? go_on_with_object(pd, ticket)
	                                    : go_on_with_memory(pd, ticket, &ds);
	if (error)
		return rpc_refuse(m, error);
	m->words  = 0;
	m->caps   = !!ds.cap;
	m->cap[0] = ds.cap;
	return ERROR_OK;
}

/* -- memory -- */

static enum error ram_alloc(struct rpc_object *self, uint64_t size,
                            uint32_t flags, dataspace_cap_t *cap)
{
	struct pd *const pd = object_self(self);
	struct arena *const arena = &pd->session.arena;
	unsigned const uncached = PD_RAM_UNCACHED | PD_RAM_WRITE_COMBINED;
	if (flags & ~(uncached | PD_RAM_CONTIGUOUS)
	 || (flags & uncached) == uncached)
		return ERROR_INVALID;
	if (!room_for_pending(pd))
		return work_later();
	unsigned const caching =
		flags & PD_RAM_UNCACHED       ? KERNEL_MAP_UNCACHED :
		flags & PD_RAM_WRITE_COMBINED ? KERNEL_MAP_WRITE_COMBINED : 0u;
	struct dataspace *const ds = arena_alloc(arena, sizeof *ds);
	if (!ds)
		return ERROR_NO_RAM;
	return opened_partly(pd, dataspace_open_ram(
		ds, arena, size, flags & PD_RAM_CONTIGUOUS, caching), ds, cap);
}

/** A dataspace that the client names, and that does not die just now, or did */
static enum error named(dataspace_cap_t cap, struct dataspace **ds)
{
	*ds = dataspace_find(cap);
	if (!*ds)
		return cap_alive(cap.cap) ? ERROR_INVALID : ERROR_GONE;
	return dataspace_ends(*ds) ? ERROR_GONE : ERROR_OK;
}

/** The same, of the PD's own memory; a context's state page is the context's */
static enum error named_own(struct pd *pd, dataspace_cap_t cap,
                            struct dataspace **ds)
{
	*ds = dataspace_find(cap);
	return *ds && (*ds)->arena == &pd->session.arena
	    && list_linked(&(*ds)->by_owner) ? ERROR_OK : ERROR_INVALID;
}

static enum error ram_clone(struct rpc_object *self, dataspace_cap_t from,
                            dataspace_cap_t *cap)
{
	struct pd *const pd = object_self(self);
	struct arena *const arena = &pd->session.arena;
	struct dataspace *source;
	enum error const error = named(from, &source);
	if (error)
		return error;
	if (!room_for_pending(pd))
		return work_later();
	struct dataspace *const ds = arena_alloc(arena, sizeof *ds);
	return ds ? opened_partly(pd, dataspace_open_clone(ds, arena, source),
	                          ds, cap) : ERROR_NO_RAM;
}

static enum error ram_view(struct rpc_object *self, dataspace_cap_t of,
                           dataspace_cap_t *cap)
{
	struct pd *const pd = object_self(self);
	struct arena *const arena = &pd->session.arena;
	struct dataspace *base;
	enum error const error = named(of, &base);
	if (error)
		return error;
	struct dataspace *const ds = arena_alloc(arena, sizeof *ds);
	return ds ? opened(pd, dataspace_open_view(ds, arena, base), ds, cap)
	          : ERROR_NO_RAM;
}

static enum error ram_seal(struct rpc_object *self, dataspace_cap_t cap)
{
	struct dataspace *ds;
	enum error const error = named_own(object_self(self), cap, &ds);
	if (error || ds->kind != DATASPACE_RAM || ds->contiguous)
		return ERROR_INVALID;
	return dataspace_seal(ds) ? ERROR_OK : work_later();
}

static enum error ram_free(struct rpc_object *self, dataspace_cap_t cap)
{
	struct pd *const pd = object_self(self);
	struct dataspace *ds;
	enum error const error = named_own(pd, cap, &ds);
	if (error)
		return error;
	return free_dataspace(pd, ds) ? ERROR_OK : work_later();
}

static enum error address_space(struct rpc_object *self, rm_cap_t *rm)
{
	struct pd *const pd = object_self(self);
	enum error const error = region_map_open(&pd->map);
	rm->cap = pd->map.object.rpc.cap;
	return error;
}

/* -- objects -- */

/** Charge an object that lives in the PD's kernel memory */
static enum error object_charge(struct pd *pd, thread_cap_t cap,
                                struct thread **thread)
{
	*thread = thread_find(cap);
	if (!*thread || (*thread)->pd != pd)
		return ERROR_INVALID;
	return account_take(&pd->session.account, 0, 1);
}

/** Outcome of creating 'name', which the caller will hold, and not core */
static enum error object_done(struct pd *pd, enum error error, cap_t name)
{
	if (error)
		account_give(&pd->session.account, 0, 1);
	else
		cap_drop_after_reply(name);
	return error;
}

static enum error portal_create(struct rpc_object *self, thread_cap_t cap,
                                uint64_t label, object_cap_t *portal)
{
	struct pd *const pd = object_self(self);
	struct thread *thread;
	enum error error = object_charge(pd, cap, &thread);
	if (error)
		return error;
	do error = kernel_portal_create(pd->pool.pd, thread->kernel, label,
	                                &portal->cap);
	while (pool_lacks(&pd->pool, &error));
	return object_done(pd, error, portal->cap);
}

static enum error signal_create(struct rpc_object *self, thread_cap_t cap,
                                uint64_t label, signal_cap_t *signal)
{
	struct pd *const pd = object_self(self);
	struct thread *thread;
	enum error error = object_charge(pd, cap, &thread);
	if (error)
		return error;
	do error = kernel_signal_create(pd->pool.pd, thread->kernel, label,
	                                &signal->cap);
	while (pool_lacks(&pd->pool, &error));
	return object_done(pd, error, signal->cap);
}

/** Nothing of it may come after success is told; one dies at a time */
static enum error object_destroy(struct rpc_object *self, object_cap_t object)
{
	struct pd *const pd = object_self(self);
	if (!finish_object(pd))
		return work_later();
	uint64_t rest = 0;
	enum error const error =
		kernel_destroy_owned_step(pd->pool.pd, object.cap, &rest);
	if (error == ERROR_AGAIN) {
		pd->dying      = new_ticket(true);
		pd->dying_rest = rest;
		return go_on_with_object(pd, pd->dying);
	}
	if (!error)
		account_give(&pd->session.account, 0, 1);
	return error;
}

static enum error kernel_refill(struct rpc_object *self)
{
	struct pd *const pd = object_self(self);
	return pool_donate(&pd->pool, 2);
}

/* -- accounts -- */

static enum error account(struct rpc_object *self, struct pd_account *result)
{
	struct pd const *const pd = object_self(self);
	struct account const *const a = &pd->session.account;
	struct kernel_pd_info info = { 0 };
	if (!object_decay_all())
		return work_later();
	error_ignore(kernel_pd_info(pd->pool.pd, &info), "zeros then");
	*result = (struct pd_account) {
		.ram_limit  = a->ram_limit,  .ram_used  = a->ram_used,
		.caps_limit = a->caps_limit, .caps_used = a->caps_used,
		.ram_kept   = pool_kept(&pd->pool),
		.names      = info.caps,     .objects   = info.objects,
	};
	return ERROR_OK;
}

static bool related(struct pd const *a, struct pd const *b)
{
	return a->reference == b || b->reference == a
	    || (a->reference && a->reference == b->reference);
}

/** Move free quota; what the session's donation is stays there */
static enum error move(struct pd *from, struct pd *to, uint64_t ram,
                       uint64_t caps)
{
	struct account *const a = &from->session.account;
	if (ram > a->ram_limit - a->ram_used
	 || ram > a->ram_limit - from->session.ram)
		return ERROR_NO_RAM;
	if (caps > a->caps_limit - a->caps_used
	 || caps > a->caps_limit - from->session.caps)
		return ERROR_NO_CAPS;
	a->ram_limit  -= ram;
	a->caps_limit -= caps;
	to->session.account.ram_limit  += ram;
	to->session.account.caps_limit += caps;
	return ERROR_OK;
}

static enum error transfer(struct rpc_object *self, pd_cap_t cap, uint64_t ram,
                           uint64_t caps)
{
	struct pd *const from = object_self(self), *const to = pd_find(cap);
	if (!to || to == from || !related(from, to))
		return ERROR_INVALID;
	enum error const error = move(from, to, ram, caps);
	if (!error)
		pd_replenished(to);
	return error;
}

static void refer(struct pd *pd, struct pd *to)
{
	list_remove(&pd->by_reference);
	pd->reference = to;
	if (to)
		list_append(&to->referrers, &pd->by_reference);
}

static enum error reference(struct rpc_object *self, pd_cap_t cap)
{
	struct pd *const child = object_self(self), *const pd = pd_find(cap);
	if (!pd)
		return ERROR_INVALID;
	if (child->reference)
		return ERROR_CONFLICT;
	unsigned depth = 0;
	for (struct pd const *p = pd; p; p = p->reference)
		if (p == child)
			return ERROR_INVALID;
		else if (++depth == REFERENCES_MAX)
			return ERROR_LIMIT;
	refer(child, pd);
	return ERROR_OK;
}

/** Referrers get the own reference account; false: not all yet */
static bool forward_referrers(struct pd *pd)
{
	for (struct list_node *node; (node = list_first(&pd->referrers));) {
		if (!work_allowed())
			return false;
		work_spend(WORK_ITEM);
		refer(container_of(node, struct pd, by_reference),
		      pd->reference);
	}
	return true;
}

/** The own reference account gets the quota */
static void settle(struct pd *pd)
{
	struct core_session *const s = &pd->session;
	if (!pd->reference)
		return;
	struct account *const a = &pd->reference->session.account;
	a->ram_limit  += s->account.ram_limit - s->ram;
	a->caps_limit += s->account.caps_limit - s->caps;
	s->account.ram_limit  = s->ram;
	s->account.caps_limit = s->caps;
	struct pd *const reference = pd->reference;
	refer(pd, NULL);
	pd_replenished(reference);
}

/* -- start -- */

static enum error start(struct rpc_object *self, cpu_cap_t cpu_cap,
                        parent_cap_t parent, log_cap_t log, rom_cap_t binary)
{
	struct pd *const pd = object_self(self);
	struct cpu *const cpu = cpu_find(cpu_cap);
	struct start_caps const caps = {
		parent.cap, log.cap, binary.cap,
	};
	return cpu ? component_start(pd, cpu, &caps) : ERROR_INVALID;
}

static void forget_seen(struct pd *pd)
{
	cap_drop(pd->seen_pd);
	cap_drop(pd->seen_cpu);
	pd->seen_pd = pd->seen_cpu = 0;
}

static enum error present(struct rpc_object *self, pd_cap_t own, cpu_cap_t cpu)
{
	struct pd *const pd = object_self(self);
	if (pd->started)
		return ERROR_CONFLICT;
	if (!own.cap)
		return ERROR_INVALID;
	cap_keep(own.cap);
	cap_keep(cpu.cap);
	forget_seen(pd);
	pd->seen_pd  = own.cap;
	pd->seen_cpu = cpu.cap;
	return ERROR_OK;
}

/** The first thread is in front; it may have ended */
static enum error attention(struct rpc_object *self, signal_cap_t *signal)
{
	struct pd *const pd = object_self(self);
	struct list_node *const first = list_first(&pd->threads);
	if (!first || !pd->started)
		return ERROR_NOT_FOUND;
	struct thread const *const thread =
		container_of(first, struct thread, by_pd);
	enum error error = account_take(&pd->session.account, 0, 1);
	if (error)
		return error;
	do error = kernel_signal_create(pd->pool.pd, thread->kernel,
	                                ATTENTION_LABEL, &signal->cap);
	while (pool_lacks(&pd->pool, &error));
	return object_done(pd, error, signal->cap);
}

/* -- life -- */

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct pd *const pd = container_of(session, struct pd, session);
	region_map_init(&pd->map, &session->arena, pd, LAYOUT_ATTACH_BASE,
	                LAYOUT_ATTACH_END - LAYOUT_ATTACH_BASE);
	return pool_open(&pd->pool, &session->arena);
}

/** Of contexts there may be any number: they go one by one */
static bool free_contexts(struct pd *pd)
{
	for (struct list_node *node = list_first(&pd->threads), *next; node;
	     node = next) {
		struct thread *const thread =
			container_of(node, struct thread, by_pd);
		uint64_t const begin = clock_tsc();
		next = list_next(&pd->threads, node);
		if (!thread->page)
			continue;
		if (!work_allowed() || !thread_destroy(thread))
			return false;
		work_spend_since(begin);
	}
	return true;
}

/** Nothing of it runs any more; its kernel objects are gone. False: not yet */
static bool stop(struct pd *pd)
{
	if (pd->pool.pd && !pd->pool.rest && !free_contexts(pd))
		return false;
	if (pd->pool.pd && !pd->pool.rest)
		list_for_each(&pd->threads, node)
			thread_bill(container_of(node, struct thread, by_pd));
	return pool_stop(&pd->pool);
}

static bool free_threads(struct pd *pd)
{
	for (struct list_node *node; (node = list_first(&pd->threads));) {
		uint64_t const begin = clock_tsc();
		if (!work_allowed()
		 || !thread_destroy(container_of(node, struct thread, by_pd)))
			return false;
		work_spend_since(begin);
	}
	return true;
}

static bool free_dataspaces(struct pd *pd, struct list *list)
{
	for (struct list_node *node; (node = list_first(list));)
		if (!work_allowed() || !free_dataspace(pd, of_owner(node)))
			return false;
	return true;
}

/** A part of what is left; each of it also knows where it was */
static bool destroy(struct core_session *session)
{
	struct pd *const pd = container_of(session, struct pd, session);
	struct arena *const arena = &session->arena;
	if (!pd->pool.arena)
		return true;
	if (!stop(pd) || !free_threads(pd)
	 || !region_map_close(&pd->map, false)
	 || !free_dataspaces(pd, &pd->dataspaces)
	 || !free_dataspaces(pd, &pd->pending)
	 || !pool_free_some(&pd->pool)
	 || !frame_list_free_some(&pd->frames, arena)
	 || !forward_referrers(pd))
		return false;
	frame_list_free(&pd->trace_frames, arena);
	forget_seen(pd);
	signal_keep_none(&session->account, &pd->map.handler);
	session->account.caps_used = 0;
	settle(pd);
	return true;
}

static struct pd_ops const ops = {
	.ram_alloc      = ram_alloc,
	.ram_free       = ram_free,
	.ram_clone      = ram_clone,
	.ram_view       = ram_view,
	.ram_seal       = ram_seal,
	.address_space  = address_space,
	.portal_create  = portal_create,
	.signal_create  = signal_create,
	.object_destroy = object_destroy,
	.kernel_refill  = kernel_refill,
	.account        = account,
	.transfer       = transfer,
	.reference      = reference,
	.start          = start,
	.present        = present,
	.attention      = attention,
};

struct core_service const pd_service = {
	.name     = "PD",
	.size     = sizeof(struct pd),
	.dispatch = serve,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
