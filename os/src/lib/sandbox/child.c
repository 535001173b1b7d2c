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
#include <base/hid.h>
#include <base/log.h>
#include <rpc/parent.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "config_rom.h"

enum {
	DEFAULT_RAM  = 1 << 20,
	DEFAULT_CAPS = 50,
	QUICK_RESTARTS = 3,             /* later ones are delayed … */
	RESTART_DELAY  = 1000 * 1000,   /* … by this, in microseconds */
};

struct child *child_of_node(struct list_node *node)
{
	return container_of(node, struct child, node);
}

struct child *child_by_name(struct sandbox *sandbox, char const *name)
{
	list_for_each(&sandbox->children, node)
		if (string_equal(child_of_node(node)->name, name))
			return child_of_node(node);
	return NULL;
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

/* -- services -- */

bool child_provides(struct child const *child, char const *service)
{
	struct hid const *const provides =
		hid_next(child->start, NULL, "provides");
	for (struct hid const *s = NULL;
	     (s = hid_next_below(provides, s, "service"));)
		if (hid_equals(s, "name", service))
			return true;
	return false;
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

/* -- quota -- */

static uint64_t wanted(struct child const *child, char const *tag,
                       uint64_t otherwise)
{
	struct hid const *const top = child->sandbox->config.nodes;
	return hid_uint(child->start, tag,
	                hid_uint(hid_next(top, NULL, "default"), tag, otherwise));
}

/** Move the difference to or from the child's account */
static enum error transfer(struct child const *child, uint64_t from_ram,
                           uint64_t to_ram, uint64_t from_caps,
                           uint64_t to_caps)
{
	pd_cap_t const mine = child->sandbox->env->pd, its = child->pd.cap;
	enum error error = ERROR_OK;
	if (to_ram < from_ram || to_caps < from_caps)
		error = pd_transfer(its, mine,
		                    to_ram < from_ram ? from_ram - to_ram : 0,
		                    to_caps < from_caps ? from_caps - to_caps : 0);
	if (!error && (to_ram > from_ram || to_caps > from_caps))
		error = pd_transfer(mine, its,
		                    to_ram > from_ram ? to_ram - from_ram : 0,
		                    to_caps > from_caps ? to_caps - from_caps : 0);
	return error;
}

void child_adjust(struct child *child)
{
	uint64_t const ram  = wanted(child, "ram", DEFAULT_RAM);
	uint64_t const caps = wanted(child, "caps", DEFAULT_CAPS);
	if (!child->pd.cap.cap || (ram == child->ram && caps == child->caps))
		return;

	enum error const error = transfer(child, child->ram, ram, child->caps,
	                                  caps);
	if (error) {
		log_warning("%s: quota stays %lu bytes, %lu capabilities: %s",
		            child->name, child->ram, child->caps,
		            error_text(error));
		return;
	}
	child->ram  = ram;
	child->caps = caps;
	sandbox_touch(child->sandbox);
	child->wants_ram = child->wants_caps = 0;
	if (child->available.cap)
		error_ignore(signal_submit(child->available), "it is ending");
}

/* -- start -- */

static enum error open_cpu(struct child *child)
{
	char text[32] = "";
	if (hid_has(child->start, "priority"))
		format_text(text, sizeof text, "cpu | priority: %lu",
		            hid_uint(child->start, "priority", 0));
	return cpu_open(&child->cpu, child->sandbox->env,
		&(struct session_args) { .label = child->name, .text = text,
		.affinity = { (uint32_t)hid_uint(child->start, "cpu", 0),
		              (uint32_t)hid_uint(child->start, "cpus", 0) } });
}

static enum error open_domain(struct child *child)
{
	struct env *const env = child->sandbox->env;
	enum error error = pd_open(&child->pd, env,
		&(struct session_args) { .label = child->name });
	if (!error)
		error = pd_reference(child->pd.cap, env->pd);
	if (!error) {
		child->ram  = wanted(child, "ram", DEFAULT_RAM);
		child->caps = wanted(child, "caps", DEFAULT_CAPS);
		error = pd_transfer(env->pd, child->pd.cap, child->ram,
		                    child->caps);
	}
	if (!error)
		error = open_cpu(child);
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
		log_error("%s: stopped: %s", child->name, cause);
		if (child->state != CHILD_RUNNING)
			continue;
		child->ended = true;
		string_copy(child->cause, sizeof child->cause, cause);
		set_state(child, CHILD_FAULTED);
		error_ignore(signal_submit(child->sandbox->work.cap), "own");
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
                           char const *label, struct connection **result)
{
	struct route_request const request = { service, label, "" };
	struct parent_donation const donation = { .ram = 16 * 1024, .caps = 6 };
	signal_cap_t const none = { 0 };
	return connection_open(child, true, &request, &donation, none, result);
}

static enum error open_own_sessions(struct child *child)
{
	char binary[SESSION_LABEL];
	if (!hid_string(child->start, "binary", binary, sizeof binary))
		string_copy(binary, sizeof binary, child->name);

	enum error error = open_own(child, "LOG", "", &child->log);
	if (error == ERROR_DENIED)
		error = ERROR_OK;           /* a child without log is fine */
	if (!error)
		error = open_own(child, "ROM", binary, &child->binary);
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

void child_start(struct child *child)
{
	set_state(child, CHILD_STOPPED);
	child->restart_at = 0;
	enum error error = open_domain(child);
	if (!error)
		error = open_handlers(child);
	if (!error)
		error = open_own_sessions(child);
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

void child_answered(struct child *child)
{
	struct connection const *const log = child->log, *const rom = child->binary;
	child->answered = false;
	if (child->state != CHILD_WAITING || pending(log) || pending(rom))
		return;

	enum error error = ERROR_OK;
	if (rom->state == CONNECTION_FAILED)
		error = rom->reason;
	if (!error)
		error = pd_start(child->pd.cap, child->cpu.cap,
		                 (parent_cap_t) { child->parent.cap },
		                 (log_cap_t) { log ? log->cap : 0 },
		                 (rom_cap_t) { rom->cap });
	if (error)
		give_up(child, error);
	else
		set_state(child, CHILD_RUNNING);
}

/* -- end -- */

static void close_signals(struct child *child)
{
	signal_cap_t *const signals[] = {
		&child->available, &child->yield, &child->heartbeat };
	for (unsigned i = 0; i < 3; i++) {
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
	child->log = child->binary = NULL;
	close_signals(child);
	child->wants_ram = child->wants_caps = 0;
	child->ended = child->answered = child->beating = false;
	child->skipped_beats = child->denials = 0;
	set_state(child, state);
}

static bool asks(struct child const *child, char const *event, char const *what)
{
	return hid_bool(hid_next(child->start, NULL, event), what, false);
}

/** Start it again, but not in a tight loop */
static void restart(struct child *child)
{
	child->restart_at = clock_us()
		+ (child->restarts++ < QUICK_RESTARTS ? 0 : RESTART_DELAY);
}

bool child_conclude(struct child *child)
{
	struct sandbox *const sandbox = child->sandbox;
	if (!child->ended)
		return false;
	child->ended = false;

	if (child->state == CHILD_FAULTED) {
		if (!asks(child, "fault", "keep"))
			child_stop(child, CHILD_FAULTED);
		if (asks(child, "fault", "restart"))
			restart(child);
		return true;
	}
	int const value = child->exit_value;
	log_info("%s: exited with value %d", child->name, value);
	child_stop(child, CHILD_EXITED);
	if (asks(child, "exit", "restart"))
		restart(child);
	if (asks(child, "exit", "propagate") && sandbox->ops
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

struct child *child_new(struct sandbox *sandbox, struct hid const *start)
{
	struct child *const child = heap_alloc(sandbox->env->heap, sizeof *child);
	if (!child)
		return NULL;
	child->sandbox = sandbox;
	child->start   = start;
	hid_name(start, child->name, sizeof child->name);
	list_append(&sandbox->children, &child->node);
	return child;
}

void child_delete(struct child *child)
{
	list_remove(&child->node);
	child_stop(child, CHILD_STOPPED);
	heap_free(child->sandbox->env->heap, child, sizeof *child);
}
