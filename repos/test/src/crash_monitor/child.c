/* SPDX-License-Identifier: MIT */
/* Life of the component on trial, and its parent interface */

#include <base/component.h>
#include <base/heap.h>
#include <rpc/parent.h>
#include <rpc/rom.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>
#include "child.h"

/* identifiers of its sessions: the configuration's, then those of session[] */
enum { ID_CONFIG = 1, ID_SESSIONS };

static struct child *child_of(struct rpc_object *object)
{
	return container_of(object, struct child, parent);
}

/* -- its configuration -- */

static enum error config_dataspace(struct rpc_object *object,
                                   dataspace_cap_t *ds, uint64_t *size)
{
	struct child *const child = container_of(object, struct child, config);
	*ds   = child->config_ds;
	*size = child->config_size;
	return ERROR_OK;
}

static enum error config_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct child *const child = container_of(object, struct child, config);
	child->watches = true;
	return signal_submit(child->event.cap);
}

static struct rom_ops const config_ops = {
	.dataspace = config_dataspace, .changed = config_changed };

/* -- its sessions -- */

static bool forwarded(struct child const *child, char const *service)
{
	return string_equal(service, "ROM") || string_equal(service, "LOG")
	       || string_equal(service, "IO_MEM")
	       || string_equal(child->forward, "any")
	       || string_equal(child->forward, service);
}

/** Ask the own parent, in the child's words, with the child's means */
static enum error forward(struct child *child, char const *service,
                          char const *label, char const *text,
                          struct parent_donation const *donation, uint32_t *id,
                          object_cap_t *session)
{
	for (uint32_t i = 0; i < CHILD_SESSIONS; i++) {
		struct session *const s = &child->session[i];
		if (s->cap)
			continue;
		char prefixed[SESSION_LABEL];
		format_text(prefixed, sizeof prefixed, *label ? "%s -> %s" : "%s",
		            child->label, label);
		if (string_equal(service, "CPU") && child->cpu_text[0])
			text = child->cpu_text;      /* its limit is its children's */
		*id = ID_SESSIONS + i;
		enum error const error = session_open(s, child->env, service,
			&(struct session_args) { .label = prefixed, .text = text },
			donation->ram, donation->caps);
		session->cap = s->cap;
		child->donation[i].ram  = donation->ram;
		child->donation[i].caps = donation->caps;
		return error;
	}
	return ERROR_LIMIT;
}

static enum error op_session(struct rpc_object *object, char const *service,
                             char const *label, char const *text,
                             struct parent_donation const *donation,
                             signal_cap_t changed, uint32_t *id, bool *pending,
                             object_cap_t *session)
{
	struct child *const child = child_of(object);
	pd_cap_t const mine = child->env->pd, its = child->pd.cap;
	if (!forwarded(child, service))
		return ERROR_DENIED;
	enum error error = pd_transfer(its, mine, donation->ram, donation->caps);
	if (error)
		return error;

	*pending = false;
	if (string_equal(service, "ROM") && string_equal(label, "config")) {
		*id     = ID_CONFIG;
		session->cap = child->config.cap;
	} else {
		error = forward(child, service, label, text, donation, id, session);
	}
	if (error)
		error_ignore(pd_transfer(mine, its, donation->ram, donation->caps),
		             "it came from there");
	return error;
}

static enum error op_session_state(struct rpc_object *object, uint32_t id,
                                   object_cap_t *session)
{
	struct child *const child = child_of(object);
	if (id == ID_CONFIG)
		session->cap = child->config.cap;
	else if (id - ID_SESSIONS < CHILD_SESSIONS)
		session->cap = child->session[id - ID_SESSIONS].cap;
	return session->cap ? ERROR_OK : ERROR_NOT_FOUND;
}

static enum error op_upgrade(struct rpc_object *object, uint32_t id, uint64_t ram,
                             uint64_t caps)
{
	struct child *const child = child_of(object);
	pd_cap_t const mine = child->env->pd, its = child->pd.cap;
	uint32_t const i = id - ID_SESSIONS;
	if (i >= CHILD_SESSIONS || !child->session[i].cap)
		return ERROR_NOT_FOUND;
	enum error error = pd_transfer(its, mine, ram, caps);
	if (error)
		return error;
	error = session_upgrade(&child->session[i], ram, caps);
	if (error) {
		error_ignore(pd_transfer(mine, its, ram, caps),
		             "it came from there");
		return error;
	}
	child->donation[i].ram  += ram;
	child->donation[i].caps += caps;
	return ERROR_OK;
}

static enum error op_close(struct rpc_object *object, uint32_t id)
{
	struct child *const child = child_of(object);
	uint32_t const i = id - ID_SESSIONS;
	if (id == ID_CONFIG)
		return ERROR_OK;
	if (i >= CHILD_SESSIONS || !child->session[i].cap)
		return ERROR_NOT_FOUND;
	session_close(&child->session[i]);
	return pd_transfer(child->env->pd, child->pd.cap, child->donation[i].ram,
	                   child->donation[i].caps);
}

static enum error op_exit(struct rpc_object *object, int value)
{
	struct child *const child = child_of(object);
	if (child->exited)
		return ERROR_CONFLICT;
	child->exited = true;
	child->value  = value;
	return signal_submit(child->event.cap);
}

static enum error op_resource_request(struct rpc_object *object, uint64_t ram,
                                      uint64_t caps, signal_cap_t available)
{
	return ERROR_DENIED;
}

static struct parent_ops const parent_ops = {
	.session = op_session, .session_state = op_session_state,
	.upgrade = op_upgrade, .close = op_close, .exit = op_exit,
	.resource_request = op_resource_request,
};

/* -- life -- */

enum error child_init(struct child *child, struct env *env)
{
	void *at = NULL;
	child->env = env;
	parent_object_init(&child->parent, &parent_ops);
	rom_object_init(&child->config, &config_ops);
	enum error error = rpc_object_open(&child->parent, env->ep);
	if (!error) error = rpc_object_open(&child->config, env->ep);
	if (!error) error = signal_handler_open(&child->event, env->ep);
	if (!error) error = ram_alloc(env, CHILD_CONFIG, &child->config_ds);
	if (!error) error = ram_attach(env, child->config_ds, true, &at);
	child->config_text = at;
	return error;
}

static enum error open_program(struct child *child,
                               struct child_args const *args, rom_cap_t *rom)
{
	if (args->elf[0])
		return elf_damage(args->elf, args->seed, rom);
	enum error const error = rom_open(&child->binary, child->env,
		&(struct session_args) { .label = args->binary });
	*rom = child->binary.cap;
	return error;
}

enum error child_start(struct child *child, struct child_args const *args,
                       char const **what)
{
	struct env *const env = child->env;
	parent_cap_t const parent = { child->parent.cap };
	rom_cap_t rom = { 0 };

	child->running = true;
	child->exited  = false;
	child->watches = false;
	string_copy(child->label, sizeof child->label, args->label);
	string_copy(child->cpu_text, sizeof child->cpu_text, args->cpu);
	string_copy(child->forward, sizeof child->forward, args->forward);
	*what = "program";
	enum error error = open_program(child, args, &rom);
	if (!error) {
		*what = "log";
		error = log_open(&child->log, env,
			&(struct session_args) { .label = args->label });
	}
	if (!error) {
		*what = "PD";
		error = pd_open(&child->pd, env,
			&(struct session_args) { .label = args->label });
	}
	if (!error) {
		*what = "CPU";
		error = cpu_open(&child->cpu, env, &(struct session_args) {
			.label = args->label, .text = args->cpu,
			.affinity = { args->cpu_index, args->cpus } });
	}
	if (!error) {
		*what = "quota";
		error = pd_reference(child->pd.cap, env->pd);
	}
	if (!error)
		error = pd_transfer(env->pd, child->pd.cap, args->ram, args->caps);
	if (!error) {
		*what = "start";
		error = cpu_fault_handler(child->cpu.cap, child->event.cap);
	}
	if (!error)
		error = pd_start(child->pd.cap, child->cpu.cap, parent,
		                 child->log.cap, rom);
	return error;
}

bool child_fault(struct child *child, struct cpu_fault *fault)
{
	char name[32];
	return child->cpu.cap.cap
	       && cpu_fault(child->cpu.cap, fault, name) == ERROR_OK;
}

void child_stop(struct child *child)
{
	/* in both orders, as it must not matter */
	child->reverse = !child->reverse;
	if (child->reverse)
		pd_close(&child->pd);
	cpu_close(&child->cpu);
	pd_close(&child->pd);
	for (unsigned i = 0; i < CHILD_SESSIONS; i++)
		session_close(&child->session[i]);
	rom_close(&child->binary);
	log_close(&child->log);
	child->running = false;
}
