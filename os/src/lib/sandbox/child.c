/* SPDX-License-Identifier: MIT */
/*
 * Life of a child
 *
 * The protection domain, the CPU session, the log and the binary are asked for
 * and paid by the sandbox; the child's quota is what its start node says and is
 * moved to the child's account as a whole.
 */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <rpc/parent.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "config.h"
#include "config_rom.h"

enum {
	QUICK_RESTARTS = 3,             /* later ones are delayed … */
	RESTART_DELAY  = 1000 * 1000,   /* … by this, in microseconds */
};

struct child *child_of_node(struct list_node *node)
{
	return container_of(node, struct child, node);
}

/* -- names -- */

static uint64_t key_of(struct avl_node const *node)
{
	return container_of_const(node, struct child, by_name)->name_key;
}

/** FNV-1a; children of one hash get successive keys */
static uint64_t hash(char const *name)
{
	uint64_t h = 0xcbf29ce484222325;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	return h;
}

struct child *child_by_name(struct sandbox *sandbox, char const *name)
{
	for (uint64_t key = hash(name);; key++) {
		struct avl_node *const node =
			avl_find(&sandbox->names, key, key_of);
		if (!node)
			return NULL;
		struct child *const child =
			container_of(node, struct child, by_name);
		if (string_equal(child->name, name))
			return child;
	}
}

static void insert_name(struct child *child)
{
	struct sandbox *const sandbox = child->sandbox;
	child->name_key = hash(child->name);
	while (avl_find(&sandbox->names, child->name_key, key_of))
		child->name_key++;
	avl_insert_by_key(&sandbox->names, &child->by_name, key_of);
}

void child_touch(struct child *child)
{
	struct sandbox *const sandbox = child->sandbox;
	if (list_linked(&child->busy))
		return;
	list_append(&sandbox->busy, &child->busy);
	error_ignore(signal_submit(sandbox->work.cap), "own signal");
}

char const *child_state_name(struct child const *child)
{
	static char const *const names[] = {
		[CHILD_STOPPED] = "stopped", [CHILD_WAITING] = "waiting",
		[CHILD_RUNNING] = "running", [CHILD_EXITED]  = "exited",
		[CHILD_FAULTED] = "faulted", [CHILD_FAILED]  = "failed",
	};
	return names[child->state];
}

static void set_state(struct child *child, enum child_state state)
{
	child->state = state;
	sandbox_touch(child->sandbox);
}

bool child_alive(struct child const *child)
{
	return child->restart_at || child->state == CHILD_STOPPED
	       || child->state == CHILD_WAITING
	       || child->state == CHILD_RUNNING;
}

bool child_lacks(struct child const *child)
{
	return child->state == CHILD_FAILED
	       && (child->reason == ERROR_NO_RAM
	           || child->reason == ERROR_NO_CAPS);
}

/* -- services -- */

bool child_provides(struct child const *child, char const *service)
{
	return words_contain(&child->policy.provides, service);
}

struct offer *child_offer(struct child *child, char const *service)
{
	list_for_each(&child->offers, node) {
		struct offer *const offer =
			container_of(node, struct offer, node);
		if (string_equal(offer->name, service))
			return offer;
	}
	return NULL;
}

/* -- start -- */

void child_binary(struct child const *child, char binary[CHILD_NAME])
{
	struct policy const *const p = &child->policy;
	if (p->binary)
		string_copy_part(binary, CHILD_NAME,
		                 child->start->text + p->binary,
		                 p->binary_length);
	else
		string_copy(binary, CHILD_NAME, child->name);
}

static enum error open_domain(struct child *child)
{
	struct env *const env = child->sandbox->env;
	enum error error = pd_open(&child->pd, env,
		&(struct session_args) { .label = child->name });
	if (!error)
		error = pd_reference(child->pd.cap, env->pd);
	if (!error)
		error = child_endow(child);
	if (!error)
		error = child_open_cpu(child);
	return error;
}

/** What happened, in words (SDM volume 3, 6.15) */
static void describe(struct cpu_fault const *f, char const *thread, char *text,
                     size_t size)
{
	enum { PF_WRITE = 2, PF_FETCH = 16 };
	char const *const what = f->vector == 0 ? "divide error"
		: f->vector == 6  ? "invalid instruction"
		: f->vector == 12 ? "stack fault"
		: f->vector == 13 ? "general protection"
		: f->vector != 14 ? "exception"
		: f->error_code & PF_FETCH ? "jump to"
		: f->error_code & PF_WRITE ? "write to" : "read of";
	if (f->vector == 14)
		format_text(text, size, "%s address 0x%lx at 0x%lx, thread %s",
		            what, f->address, f->ip, thread);
	else
		format_text(text, size, "%s (%lu) at 0x%lx, thread %s", what,
		            f->vector, f->ip, thread);
}

static void fault(struct signal_handler *handler, uint64_t count)
{
	struct child *const child = container_of(handler, struct child, fault);
	struct cpu_fault f;
	char thread[32];
	while (cpu_fault(child->cpu.cap, &f, thread) == ERROR_OK) {
		char cause[sizeof child->cause];
		describe(&f, thread, cause, sizeof cause);
		if (child->state == CHILD_RUNNING || log_few(&child->complaints))
			log_error("%s: stopped: %s", child->name, cause);
		if (child->state != CHILD_RUNNING)
			continue;
		child->ended = true;
		string_copy(child->cause, sizeof child->cause, cause);
		set_state(child, CHILD_FAULTED);
		child_touch(child);
	}
}

static enum error open_handlers(struct child *child)
{
	struct env *const env = child->sandbox->env;
	child->fault.handle = fault;
	enum error error = signal_handler_open(&child->fault, env->ep);
	if (!error)
		error = cpu_fault_handler(child->cpu.cap, child->fault.cap);
	if (error)
		return error;
	parent_object_init(&child->parent, &child_parent_ops);
	return rpc_object_open(&child->parent, env->ep);
}

/** A session that the sandbox asks for; the donation allows for any server */
static enum error open_own(struct child *child, char const *service,
                           char const *label, object_cap_t behind,
                           struct connection **result)
{
	struct route_request const request = {
		.service = service, .label = label, .text = "",
		.own = true, .behind = behind };
	struct parent_donation const donation = { .ram = 16 * 1024, .caps = 6 };
	signal_cap_t const none = { 0 };
	return connection_open(child, &request, &donation, none, result);
}

/** Somebody else's session instead of the real one, if it is routed so */
static enum error open_seen(struct child *child, char const *service,
                            cap_t real, struct connection **result)
{
	object_cap_t const behind = { real };
	return route_interposed(child, service)
		? open_own(child, service, "", behind, result) : ERROR_OK;
}

static enum error open_own_sessions(struct child *child)
{
	char binary[CHILD_NAME];
	child_binary(child, binary);

	object_cap_t const none = { 0 };
	enum error error = open_own(child, "LOG", "", none, &child->log);
	if (error == ERROR_DENIED)
		error = ERROR_OK;           /* a child without log is fine */
	if (!error)
		error = open_seen(child, "PD", child->pd.cap.cap, &child->seen_pd);
	if (!error)
		error = open_seen(child, "CPU", child->cpu.cap.cap,
		                  &child->seen_cpu);
	if (!error)
		error = open_own(child, "ROM", binary, none, &child->binary);
	if (error == ERROR_NOT_FOUND || error == ERROR_DENIED)
		log_error("%s: no binary '%s': %s", child->name, binary,
		          error_text(error));
	return error;
}

static void give_up(struct child *child, enum error error)
{
	log_error("%s (config, line %u) cannot be started: %s", child->name,
	          child->start->line, error_text(error));
	child_stop(child, CHILD_FAILED);
	child->reason = error;
}

/** A lack of means is the own parent's to mend, perhaps */
static bool mended(struct child *child, enum error error)
{
	struct sandbox *const sandbox = child->sandbox;
	return sandbox_ask(sandbox, error, child->ram + 128 * 1024,
	                   child->caps + 32);
}

static enum error open_all(struct child *child)
{
	enum error error = open_domain(child);
	if (!error)
		error = open_handlers(child);
	if (!error)
		error = open_own_sessions(child);
	return error;
}

void child_start(struct child *child)
{
	set_state(child, CHILD_STOPPED);
	list_remove(&child->restarting);
	child->restart_at = 0;
	child->id = ++child->sandbox->last_child;
	enum error error = open_all(child);
	if (error && mended(child, error)) {
		child_stop(child, CHILD_STOPPED);
		error = open_all(child);
	}
	if (error) {
		give_up(child, error);
		return;
	}
	set_state(child, CHILD_WAITING);
	child_answered(child);
}

static bool pending(struct connection const *c)
{
	return c && (c->state == CONNECTION_QUEUED
	             || c->state == CONNECTION_ASKED);
}

/** What the component finds as its own PD and CPU session */
static enum error present(struct child *child)
{
	struct connection const *const pd = child->seen_pd;
	struct connection const *const cpu = child->seen_cpu;
	if (!pd && !cpu)
		return ERROR_OK;
	return pd_present(child->pd.cap,
	                  (pd_cap_t) { pd ? pd->cap : child->pd.cap.cap },
	                  (cpu_cap_t) { cpu ? cpu->cap : child->cpu.cap.cap });
}

static enum error start_domain(struct child *child)
{
	enum error const error = present(child);
	return error ? error
	     : pd_start(child->pd.cap, child->cpu.cap,
	                (parent_cap_t) { child->parent.cap },
	                (log_cap_t) { child->log ? child->log->cap : 0 },
	                (rom_cap_t) { child->binary->cap });
}

static bool failed(struct connection const *c, enum error *reason)
{
	if (!c || c->state != CONNECTION_FAILED)
		return false;
	*reason = c->reason;
	return true;
}

/** Start it again, but not in a tight loop */
static void restart(struct child *child)
{
	child->restart_at = clock_us()
		+ (child->restarts++ < QUICK_RESTARTS ? 0 : RESTART_DELAY);
	if (!list_linked(&child->restarting))
		list_append(&child->sandbox->restarting, &child->restarting);
}

void child_answered(struct child *child)
{
	struct connection const *const needed[] = {
		child->binary, child->seen_pd, child->seen_cpu };
	enum error error = ERROR_OK;
	child->answered = false;
	if (child->state != CHILD_WAITING && child->state != CHILD_RUNNING)
		return;
	for (unsigned i = 0; i < 3 && !error; i++)
		if (failed(needed[i], &error) && child->state == CHILD_RUNNING) {
			log_warning("%s: lost its '%s'", child->name,
			            needed[i]->service);
			child_stop(child, CHILD_STOPPED);
			restart(child);
			return;
		}
	if (child->state != CHILD_WAITING
	 || (!error && (pending(child->log) || pending(needed[0])
	                || pending(needed[1]) || pending(needed[2]))))
		return;

	if (!error)
		error = start_domain(child);
	if (error)
		give_up(child, error);
	else
		set_state(child, CHILD_RUNNING);
}

void child_unsettle(struct child *child)
{
	child->answered = true;
	child_touch(child);
}

/* -- end -- */

static void close_signals(struct child *child)
{
	signal_cap_t *const signals[] = {
		&child->available, &child->attention };
	for (unsigned i = 0; i < 2; i++) {
		cap_drop(signals[i]->cap);
		signals[i]->cap = 0;
	}
}

static void withdraw_offers(struct child *child)
{
	struct list_node *node;
	while ((node = list_take_first(&child->offers))) {
		struct offer *const offer =
			container_of(node, struct offer, node);
		cap_drop(offer->requests.cap);
		heap_free(child->sandbox->env->heap, offer, sizeof *offer);
	}
}

void child_stop(struct child *child, enum child_state state)
{
	bool const queued = state == CHILD_STOPPED
	                    && list_linked(&child->node);
	rpc_object_close(&child->parent);
	signal_handler_close(&child->fault);
	withdraw_offers(child);
	cpu_close(&child->cpu);
	pd_close(&child->pd);               /* from here on its means are ours */
	child->ram = child->caps = 0;

	list_for_each_safe(&child->served, node)
		connection_lost(connection_of_server_node(node), queued);
	list_for_each_safe(&child->clients, node)
		connection_orphan(connection_of_client_node(node));
	child->log = child->binary = child->seen_pd = child->seen_cpu = NULL;
	close_signals(child);
	child->wants_ram = child->wants_caps = 0;
	child->owes_ram = child->owes_caps = 0;
	child->ended = child->answered = child->beating = false;
	child->skipped_beats = child->complaints = 0;
	set_state(child, state);
}

bool child_conclude(struct child *child)
{
	struct sandbox *const sandbox = child->sandbox;
	if (!child->ended)
		return false;
	child->ended = false;

	if (child->state == CHILD_FAULTED) {
		if (child->policy.fault_keep)
			return true;
		child_stop(child, CHILD_FAULTED);
		if (child->policy.fault_restart)
			restart(child);
		return true;
	}
	int const value = child->exit_value;
	log_info("%s: exited with value %d", child->name, value);
	child_stop(child, CHILD_EXITED);
	if (child->policy.exit_restart)
		restart(child);
	if (child->policy.exit_propagate && sandbox->ops
	 && sandbox->ops->exit)
		sandbox->ops->exit(sandbox, value);
	return true;
}

void child_restart_if_due(struct child *child, uint64_t now)
{
	if (!child->restart_at || child->restart_at > now)
		return;
	log_info("%s: is started again", child->name);
	child_start(child);
}

struct child *child_new(struct sandbox *sandbox, char const *name)
{
	struct child *const child = heap_alloc(sandbox->env->heap, sizeof *child);
	if (!child)
		return NULL;
	child->sandbox = sandbox;
	child->fresh   = true;
	string_copy(child->name, sizeof child->name, name);
	list_append(&sandbox->children, &child->node);
	insert_name(child);
	return child;
}

void child_follow(struct child *child)
{
	policy_free(&child->policy, child->sandbox->env->heap);
	child->policy      = child->next_policy;
	child->next_policy = (struct policy) { 0 };
	if (!child->policy.provides.count)
		list_remove(&child->provider);
	else if (!list_linked(&child->provider))
		list_append(&child->sandbox->providers, &child->provider);
}

void child_delete(struct child *child)
{
	struct heap *const heap = child->sandbox->env->heap;
	list_remove(&child->node);
	list_remove(&child->provider);
	avl_remove(&child->sandbox->names, &child->by_name);
	child_stop(child, CHILD_STOPPED);
	list_remove(&child->busy);
	list_remove(&child->restarting);
	policy_free(&child->policy, heap);
	policy_free(&child->next_policy, heap);
	config_free(child->sandbox, &child->own);
	heap_free(heap, child, sizeof *child);
}
