/* SPDX-License-Identifier: MIT */
/*
 * Server side of sessions
 *
 * Each session has an account filled by its client's donation. Everything of
 * the session lives in a heap over this account, the session object included,
 * so that closing it frees a few chunks and forgets nothing. The portal is
 * charged by a fixed fee, since kernel memory is counted by the frame.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <base/log.h>
#include <base/service.h>
#include <session/parent.h>
#include <util/container_of.h>
#include <util/string.h>

/* internal */
#include <base/internal/base_state.h>

enum { FEE_RAM = 256, FEE_CAPS = 1 };

/** What struct service holds in its opaque words */
struct service_data {
	struct list_node node;        /* in base_state.services */
	struct env      *env;
	struct list      sessions;
};
_Static_assert(sizeof(struct service_data) <= sizeof ((struct service *)0)->opaque,
               "struct service is too small");

/** What struct session_object holds in its opaque words */
struct session_data {
	struct list_node node;        /* in service_data.sessions */
	struct account   account;
	struct list      dataspaces;
	uint32_t         id;          /* the parent's */
	object_cap_t     behind;      /* came with the parent's request */
};
_Static_assert(sizeof(struct session_data)
               <= sizeof ((struct session_object *)0)->opaque,
               "struct session_object is too small");

struct session_ds {
	struct list_node node;
	dataspace_cap_t  ds;
	size_t           size;
};

static struct service_data *service_data(struct service *service)
{
	return (struct service_data *)service->opaque;
}

static struct session_data *session_data(struct session_object *session)
{
	return (struct session_data *)session->opaque;
}

static struct service *service_of(struct list_node *node)
{
	return container_of((uint64_t *)node, struct service, opaque[0]);
}

static struct session_object *session_of(struct list_node *node)
{
	return container_of((uint64_t *)node, struct session_object, opaque[0]);
}

/** What the server's account lacks is the client's to provide */
static enum error as_donation(enum error error)
{
	return error == ERROR_NO_RAM  ? ERROR_DONATE_RAM
	     : error == ERROR_NO_CAPS ? ERROR_DONATE_CAPS : error;
}

/* -- life of a session -- */

static struct session_object *session_alloc(struct service *service,
                                            char const *label,
                                            struct account *account,
                                            enum error *error)
{
	struct env *const env = service_data(service)->env;
	*error = account_take(account, FEE_RAM, FEE_CAPS);
	if (*error)
		return NULL;
	struct heap *const heap = heap_create(env, account, error);
	if (!heap)
		return NULL;
	struct session_object *const session =
		heap_alloc(heap, service->session_size);
	char *const name = heap_alloc(heap, strlen(label) + 1);
	if (!session || !name) {
		heap_destroy(heap);
		*error = ERROR_NO_RAM;
		return NULL;
	}
	string_copy(name, strlen(label) + 1, label);
	session->service = service;
	session->heap    = heap;
	session->env     = env;
	session->label   = name;
	/* from here on the account is in the session that it pays for */
	session_data(session)->account = *account;
	heap->account = &session_data(session)->account;
	return session;
}

static void session_free(struct session_object *session)
{
	struct session_data *const data = session_data(session);
	for (struct list_node *node; (node = list_first(&data->dataspaces));)
		session_ram_free(session,
			container_of(node, struct session_ds, node)->ds);
	/* chunks are given back to an account that is not in one of them */
	struct heap *const heap = session->heap;
	struct account account = data->account;
	heap->account = &account;
	heap_destroy(heap);
}

void service_session_close(struct session_object *session)
{
	struct service *const service = session->service;

	rpc_object_close(&session->object);
	if (service->destroy)
		service->destroy(service, session);
	list_remove(&session_data(session)->node);
	cap_drop(session_data(session)->behind.cap);
	session_free(session);
}

enum error service_session_open(struct service *service, struct env *env,
                                struct session_request *request,
                                struct session_object **result)
{
	struct service_data *const data = service_data(service);
	struct account account = {
		.ram_limit = request->ram, .caps_limit = request->caps };
	enum error error;
	data->env = env;

	struct session_object *const session =
		session_alloc(service, request->label, &account, &error);
	if (!session)
		return as_donation(error);
	account = session_data(session)->account;
	request->ram  = account.ram_limit - account.ram_used;
	request->caps = account.caps_limit - account.caps_used;
	error = service->create(service, session, request);
	if (!error) {
		error = rpc_object_open(&session->object, data->env->ep);
		if (error && service->destroy)
			service->destroy(service, session);
	}
	if (error) {
		session_free(session);
		return as_donation(error);
	}
	list_append(&data->sessions, &session_data(session)->node);
	*result = session;
	return ERROR_OK;
}

/* -- requests of the parent -- */

static struct session_object *session_by_id(uint32_t id)
{
	list_for_each(&base_state.services, s)
		list_for_each(&service_data(service_of(s))->sessions, node)
			if (session_data(session_of(node))->id == id)
				return session_of(node);
	return NULL;
}

static struct service *service_by_name(char const *name)
{
	list_for_each(&base_state.services, node)
		if (string_equal(service_of(node)->name, name))
			return service_of(node);
	return NULL;
}

static void respond(uint32_t id, enum error reason)
{
	error_ignore(parent_respond(base_state.env.parent, id, (uint32_t)reason),
	             "the parent has forgotten the session");
}

static void create(struct parent_request_info const *info, char const *name,
                   struct session_request *request)
{
	struct service *const service = service_by_name(name);
	struct session_object *session = NULL;
	enum error error = service
		? service_session_open(service, &base_state.env, request, &session)
		: ERROR_NOT_FOUND;
	if (session) {
		session_data(session)->id     = info->id;
		session_data(session)->behind = request->behind;
		object_cap_t const cap = { session->object.cap };
		error = parent_deliver(base_state.env.parent, info->id, cap);
		if (error)
			service_session_close(session);
	} else {
		cap_drop(request->behind.cap);
	}
	if (error)
		respond(info->id, error);
}

void service_session_upgrade(struct session_object *session, size_t ram,
                             size_t caps)
{
	session_data(session)->account.ram_limit  += ram;
	session_data(session)->account.caps_limit += caps;
}

static void requests(struct signal_handler *handler, uint64_t count)
{
	struct parent_request_info info;
	char service[SESSION_SERVICE], label[SESSION_LABEL], text[SESSION_ARGS];

	object_cap_t behind;
	while (parent_request(base_state.env.parent, &info, service, label, text,
	                      &behind) == ERROR_OK) {
		struct session_object *const session =
			info.kind == PARENT_CREATE ? NULL : session_by_id(info.id);
		switch (info.kind) {
		case PARENT_CREATE:
			create(&info, service, &(struct session_request) {
				.service = service, .label = label, .text = text,
				.ram = info.ram, .caps = info.caps,
				.affinity = { info.cpu_first, info.cpu_count },
				.behind = behind });
			break;
		case PARENT_UPGRADE:
			if (session)
				service_session_upgrade(session, info.ram, info.caps);
			break;
		case PARENT_CLOSE:
			if (session)
				service_session_close(session);
			respond(info.id, ERROR_OK);
			break;
		}
	}
}

static struct signal_handler requests_handler = { .handle = requests };

enum error service_announce(struct service *service, struct env *env)
{
	struct service_data *const data = service_data(service);
	enum error error = ERROR_OK;

	if (service->session_size < sizeof(struct session_object))
		return ERROR_INVALID;
	if (!requests_handler.ep)
		error = signal_handler_open(&requests_handler, env->ep);
	if (error)
		return error;
	data->env = env;
	list_append(&base_state.services, &data->node);
	error = parent_announce(env->parent, service->name, requests_handler.cap);
	if (error)
		list_remove(&data->node);
	return error;
}

/* -- for servers -- */

enum error session_ram_alloc(struct session_object *session, size_t size,
                             dataspace_cap_t *ds)
{
	struct session_data *const data = session_data(session);
	struct session_ds *const entry =
		heap_alloc(session->heap, sizeof *entry);
	if (!entry)
		return ERROR_DONATE_RAM;
	entry->size = (size + 4095) & ~4095ul;
	enum error error = size > ~0ul - 4095 ? ERROR_LIMIT
		: account_take(&data->account, entry->size, 1);
	if (!error) {
		error = ram_alloc(session->env, entry->size, &entry->ds);
		if (error)
			account_give(&data->account, entry->size, 1);
	}
	if (error) {
		heap_free(session->heap, entry, sizeof *entry);
		return as_donation(error);
	}
	list_append(&data->dataspaces, &entry->node);
	*ds = entry->ds;
	return ERROR_OK;
}

void session_ram_free(struct session_object *session, dataspace_cap_t ds)
{
	struct session_data *const data = session_data(session);
	list_for_each_safe(&data->dataspaces, node) {
		struct session_ds *const entry =
			container_of(node, struct session_ds, node);
		if (!cap_same(entry->ds, ds))
			continue;
		list_remove(node);
		ram_free(session->env, ds);
		account_give(&data->account, entry->size, 1);
		heap_free(session->heap, entry, sizeof *entry);
		return;
	}
}

void session_object_end(struct session_object *session)
{
	uint32_t const id = session_data(session)->id;
	service_session_close(session);
	respond(id, ERROR_GONE);
}

struct session_object *service_next(struct service *service,
                                    struct session_object *session)
{
	struct list *const sessions = &service_data(service)->sessions;
	struct list_node *const node = session
		? list_next(sessions, &session_data(session)->node)
		: list_first(sessions);
	return node ? session_of(node) : NULL;
}

/** How well a policy matches: 0 not at all, longer is better, exact is best */
static size_t match(struct hid const *policy, char const *label)
{
	char text[SESSION_LABEL];
	size_t quality = 0;
	if (hid_string(policy, "label", text, sizeof text)) {
		if (!string_equal(text, label))
			return 0;
		quality += 4 * SESSION_LABEL;
	}
	if (hid_string(policy, "label_prefix", text, sizeof text)) {
		if (!string_starts(label, text))
			return 0;
		quality += 2 + 2 * strlen(text);
	}
	if (hid_string(policy, "label_suffix", text, sizeof text)) {
		if (!string_ends(label, text))
			return 0;
		quality += 1 + 2 * strlen(text);
	}
	return quality;
}

struct hid const *service_policy(struct hid const *config, char const *label)
{
	struct hid const *best = NULL;
	size_t best_quality = 0;
	for (struct hid const *p = NULL; (p = hid_next(config, p, "policy"));) {
		size_t const quality = match(p, label);
		if (quality > best_quality) {
			best = p;
			best_quality = quality;
		}
	}
	return best ? best : hid_next(config, NULL, "default-policy");
}
