/* SPDX-License-Identifier: MIT */
/** The root of the tree: init and its parent interface */

/* public */
#include <base/log.h>
#include <rpc/parent.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/pd.h"
#include "root.h"
#include "work.h"
#include "service/services.h"
#include "component/thread.h"

enum { ARGS_NODES = 8 };

static struct core_service const *const services[] = {
	&pd_service, &cpu_service, &rm_service, &rom_service, &log_service,
	&io_mem_service, &io_port_service, &irq_service, &trace_service,
	&system_service, &entropy_service,
};

static struct pd      *init;
static struct object   parent;
static struct avl_tree sessions;   /* by id */
static uint32_t        last_id;
static uint64_t        ram_total;

struct pd *root_pd(void)
{
	return init;
}

uint64_t root_ram_total(void)
{
	return ram_total;
}

void root_set_ram_total(uint64_t bytes)
{
	ram_total = bytes;
}

static struct account *init_account(void)
{
	return &init->session.account;
}

/* -- sessions -- */

static uint64_t id_key(struct avl_node const *node)
{
	return container_of_const(node, struct core_session, by_id)->id;
}

static struct core_session *session_of(uint32_t id)
{
	struct avl_node *const node = avl_find(&sessions, id, id_key);
	return node ? container_of(node, struct core_session, by_id) : NULL;
}

static struct core_service const *service_of(char const *name)
{
	for (unsigned i = 0; i < array_length(services); i++)
		if (string_equal(services[i]->name, name))
			return services[i];
	return NULL;
}

/** Parsed arguments of a session; the nodes refer to the text */
struct args {
	char                text[SESSION_ARGS + 4];
	struct hid          nodes[ARGS_NODES];
	struct hid_document document;
};

static enum error parse_args(struct args *args, char const *text,
                             char const *label)
{
	struct hid_error what;
	args->document = (struct hid_document) {
		.nodes = args->nodes, .capacity = ARGS_NODES,
	};
	if (!*text)
		return ERROR_OK;
	size_t const length = format_text(args->text, sizeof args->text,
	                                  "%s\n-\n", text);
	enum error const error = hid_parse(&args->document, args->text,
	                                   length, &what);
	if (error)
		log_error("core: arguments of %s: %s", label, what.text);
	return error ? ERROR_INVALID : ERROR_OK;
}

/** Bound the affinity by the CPUs that there are; beyond them is the last one */
static void set_affinity(struct session_request *request, uint32_t first,
                         uint32_t count)
{
	uint32_t const n = kernel_boot_info()->n_cpus;
	request->cpu_first = min(first, n - 1);
	request->cpu_count = min(count ? count : n, n - request->cpu_first);
}

/** 'label' has room for any 'text' */
static void own_label(char label[CORE_LABEL], char const *text)
{
	static char const prefix[] = "init -> ";
	size_t const skip = *text ? sizeof prefix - 1 : 4;
	memcpy(label, prefix, skip);
	string_copy(label + skip, CORE_LABEL - skip, text);
}

static uint32_t new_id(void)
{
	do last_id++;
	while (!last_id || session_of(last_id));
	return last_id;
}

/** Open with the donation out of init's account */
static enum error open_donated(struct core_service const *service,
                               struct session_request const *request,
                               struct core_session **session)
{
	enum error error = account_take(init_account(), request->ram,
	                                request->caps);
	if (error)
		return error;
	error = core_session_open(service, request, session);
	if (error) {
		account_give(init_account(), request->ram, request->caps);
		return error;
	}
	(*session)->id = new_id();
	avl_insert_by_key(&sessions, &(*session)->by_id, id_key);
	return ERROR_OK;
}

static bool close_donated(struct core_session *session)
{
	uint64_t const ram = session->ram, caps = session->caps;
	avl_remove(&sessions, &session->by_id);
	if (!core_session_close(session)) {
		avl_insert_by_key(&sessions, &session->by_id, id_key);
		return false;
	}
	account_give(init_account(), ram, caps);
	return true;
}

/* -- RPC -- */

static enum error open_session(struct rpc_object *self, char const *name,
                               char const *label_text, char const *text,
                               struct parent_donation const *donation,
                               signal_cap_t changed, uint32_t *id,
                               bool *pending, object_cap_t *cap)
{
	struct core_service const *const service = service_of(name);
	if (!service)
		return ERROR_DENIED;

	char label[CORE_LABEL];
	struct args args;
	own_label(label, label_text);
	enum error error = parse_args(&args, text, label);
	if (error)
		return error;
	struct session_request request = {
		.label = label, .args = hid_top(&args.document),
		.ram = donation->ram, .caps = donation->caps,
	};
	set_affinity(&request, donation->cpu_first, donation->cpu_count);

	struct core_session *session;
	error = open_donated(service, &request, &session);
	if (error)
		return error;
	*id      = session->id;
	*pending = false;
	cap->cap = session->object.rpc.cap;
	return ERROR_OK;
}

static enum error session_state_of(struct rpc_object *self, uint32_t id,
                                   object_cap_t *cap)
{
	struct core_session const *const session = session_of(id);
	if (!session)
		return ERROR_NOT_FOUND;
	cap->cap = session->object.rpc.cap;
	return ERROR_OK;
}

/** Core answers at once, and loses nothing */
static enum error nothing_changed(struct rpc_object *self, uint32_t *id)
{
	return ERROR_AGAIN;
}

static enum error upgrade(struct rpc_object *self, uint32_t id, uint64_t ram,
                          uint64_t caps)
{
	struct core_session *const session = session_of(id);
	if (!session)
		return ERROR_NOT_FOUND;
	enum error const error = account_take(init_account(), ram, caps);
	if (error)
		return error;
	session->ram  += ram;
	session->caps += caps;
	session->account.ram_limit  += ram;
	session->account.caps_limit += caps;
	if (session->service == &pd_service)
		pd_replenished(container_of(session, struct pd, session));
	return ERROR_OK;
}

static enum error close_session(struct rpc_object *self, uint32_t id)
{
	struct core_session *const session = session_of(id);
	if (!session)
		return ERROR_NOT_FOUND;
	if (!close_donated(session))
		return work_later();
	pd_replenished(init);
	return ERROR_OK;
}

static enum error change(struct rpc_object *self, uint32_t id, char const *text)
{
	struct core_session *const session = session_of(id);
	struct args args;
	if (!session)
		return ERROR_NOT_FOUND;
	if (!session->service->change)
		return ERROR_INVALID;
	enum error const error = parse_args(&args, text, session->label);
	struct session_request const request = {
		.args = hid_top(&args.document) };
	return error ? error : session->service->change(session, &request);
}

static enum error move(struct rpc_object *self, uint32_t id, uint32_t first,
                       uint32_t count)
{
	struct core_session *const session = session_of(id);
	struct session_request request;
	if (!session)
		return ERROR_NOT_FOUND;
	if (!session->service->move)
		return ERROR_INVALID;
	set_affinity(&request, first, count);
	return session->service->move(session, request.cpu_first,
	                              request.cpu_count);
}

/** Core routes nothing to init, so there is nothing to announce */
static enum error announce(struct rpc_object *self, char const *service,
                           signal_cap_t requests)
{
	return ERROR_DENIED;
}

static enum error no_request(struct rpc_object *self,
                             struct parent_request_info *info,
                             char service[32], char label[128], char text[160],
                             object_cap_t *behind)
{
	return ERROR_AGAIN;
}

static enum error end(struct rpc_object *self, int value)
{
	log_info("init exited with value %d", value);
	return ERROR_OK;
}

/** Init has everything already */
static enum error resource_request(struct rpc_object *self, uint64_t ram,
                                   uint64_t caps, signal_cap_t available)
{
	return ERROR_DENIED;
}

static enum error attention(struct rpc_object *self, uint64_t *ram,
                            uint64_t *caps)
{
	return ERROR_OK;
}

static enum error nothing(struct rpc_object *self)
{
	return ERROR_OK;
}

static struct parent_ops const ops = {
	.session          = open_session,
	.session_state    = session_state_of,
	.changed          = nothing_changed,
	.upgrade          = upgrade,
	.close            = close_session,
	.announce         = announce,
	.request          = no_request,
	.exit             = end,
	.resource_request = resource_request,
	.attention        = attention,
	.yield_response   = nothing,
	.change           = change,
	.move             = move,
};

/* -- start -- */

static enum error open_pd(uint64_t ram, uint64_t caps)
{
	struct session_request const request = {
		.label = "init", .ram = ram, .caps = caps,
		.cpu_count = kernel_boot_info()->n_cpus,
	};
	struct core_session *session;
	enum error const error = core_session_open(&pd_service, &request,
	                                           &session);
	if (error)
		return error;
	init = container_of(session, struct pd, session);
	session->ram = session->caps = 0;  /* it may transfer all of it */
	return ERROR_OK;
}

/** One of the sessions that init is started with */
static enum error open_own(struct core_service const *service,
                           char const *label, char const *text, uint64_t ram,
                           uint64_t caps, struct core_session **session)
{
	struct args args;
	struct session_request request = {
		.label = label, .ram = ram, .caps = caps,
	};
	enum error const error = parse_args(&args, text, label);
	request.args = hid_top(&args.document);
	set_affinity(&request, 0, 0);
	return error ? error : open_donated(service, &request, session);
}

enum error root_start(uint64_t ram, uint64_t caps)
{
	struct core_session *cpu, *log, *binary;
	enum error error = open_pd(ram, caps);
	if (!error)
		error = object_open(&parent, &init->session.arena,
		                    parent_dispatch, &ops, init);
	if (!error)
		error = open_own(&cpu_service, "init", "cpu | priority: 127",
		                 16 * 1024, 4, &cpu);
	if (!error)
		error = open_own(&log_service, "init", "", 6 * 1024, 2, &log);
	if (!error)
		error = open_own(&rom_service, "init", "", 6 * 1024, 3,
		                 &binary);
	if (error)
		return error;

	struct start_caps const start = {
		.parent = parent.rpc.cap,
		.log    = log->object.rpc.cap,
		.binary = binary->object.rpc.cap,
	};
	return component_start(init,
	                       container_of(cpu, struct cpu, session), &start);
}
