/* SPDX-License-Identifier: MIT */
/*
 * The parent interface as children call it
 *
 * Nothing here waits, and nothing destroys the caller: ends are noted and dealt
 * with by the sandbox's work handler.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <base/log.h>
#include <rpc/parent.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "connection.h"

static struct child *child_of(struct rpc_object *object)
{
	return container_of(object, struct child, parent);
}

/** Log a refusal that the configuration is responsible for, but no flood */
static void log_refusal(struct child *child, char const *service,
                        char const *label, enum error error)
{
	if (error != ERROR_DENIED && error != ERROR_NOT_FOUND)
		return;
	if (log_few(&child->complaints))
		log_warning("%s: no session '%s' with label '%s': %s",
		            child->name, service, label, error_text(error));
}

static enum error op_session(struct rpc_object *object, char const *service,
                             char const *label, char const *text,
                             struct parent_donation const *donation,
                             signal_cap_t changed, uint32_t *id, bool *pending,
                             object_cap_t *session)
{
	struct child *const child = child_of(object);
	struct route_request const request = {
		.service = service, .label = label, .text = text };
	struct connection *c;
	enum error const error = connection_open(child, &request, donation,
	                                         changed, &c);
	if (error) {
		log_refusal(child, service, label, error);
		return error;
	}
	*id      = c->id;
	*pending = c->state != CONNECTION_OPEN;
	*session = (object_cap_t) { c->cap };
	return ERROR_OK;
}

static enum error op_session_state(struct rpc_object *object, uint32_t id,
                                   object_cap_t *session)
{
	struct child *const child = child_of(object);
	struct connection const *const c = connection_of_client(child, id);
	if (!c)
		return ERROR_NOT_FOUND;
	if (c->severed)
		return ERROR_GONE;
	if (c->state == CONNECTION_FAILED) {
		log_refusal(child, c->service, c->label, c->reason);
		return c->reason;
	}
	if (c->state != CONNECTION_OPEN)
		return ERROR_AGAIN;
	*session = (object_cap_t) { c->cap };
	return ERROR_OK;
}

static enum error op_changed(struct rpc_object *object, uint32_t *id)
{
	struct list_node *const node = list_take_first(&child_of(object)->news);
	if (!node)
		return ERROR_AGAIN;
	*id = container_of(node, struct connection, news_node)->id;
	return ERROR_OK;
}

static enum error op_upgrade(struct rpc_object *object, uint32_t id,
                             uint64_t ram, uint64_t caps)
{
	struct connection *const c = connection_of_client(child_of(object), id);
	return c ? connection_upgrade(c, ram, caps) : ERROR_NOT_FOUND;
}

static enum error op_close(struct rpc_object *object, uint32_t id)
{
	struct connection *const c = connection_of_client(child_of(object), id);
	if (!c)
		return ERROR_NOT_FOUND;
	connection_close(c);
	return ERROR_OK;
}

static enum error op_announce(struct rpc_object *object, char const *service,
                              signal_cap_t requests)
{
	struct child *const child = child_of(object);
	if (!child_provides(child, service)) {
		if (log_few(&child->complaints))
			log_warning("%s: announces '%s', which it is not to"
			            " provide", child->name, service);
		return ERROR_DENIED;
	}
	if (child_offer(child, service))
		return ERROR_CONFLICT;

	struct offer *const offer = heap_alloc(child->sandbox->env->heap,
	                                       sizeof *offer);
	if (!offer)
		return ERROR_NO_RAM;
	string_copy(offer->name, sizeof offer->name, service);
	cap_keep(requests.cap);
	offer->requests = requests;
	list_append(&child->offers, &offer->node);
	sandbox_touch(child->sandbox);
	if (!list_empty(&child->requests))
		error_ignore(signal_submit(requests), "the child is ending");
	return ERROR_OK;
}

static enum error op_request(struct rpc_object *object,
                             struct parent_request_info *info,
                             char service[32], char label[128],
                             char text[160], object_cap_t *behind)
{
	struct connection *c;
	enum error const error = connection_fetch(child_of(object), info, &c);
	if (error || info->kind != PARENT_CREATE)
		return error;
	string_copy(service, 32, c->service);
	string_copy(label, 128, c->label);
	string_copy(text, 160, c->text);
	*behind = c->behind;
	return ERROR_OK;
}

static enum error op_deliver(struct rpc_object *object, uint32_t id,
                             object_cap_t session)
{
	struct connection *const c = connection_of_server(child_of(object), id);
	if (!c || c->state != CONNECTION_ASKED)
		return ERROR_NOT_FOUND;
	connection_deliver(c, session.cap);
	return ERROR_OK;
}

static enum error op_respond(struct rpc_object *object, uint32_t id,
                             uint32_t reason)
{
	struct connection *const c = connection_of_server(child_of(object), id);
	if (!c)
		return ERROR_NOT_FOUND;
	connection_respond(c, reason < N_ERRORS ? (enum error)reason
	                                        : ERROR_INVALID);
	return ERROR_OK;
}

static enum error op_exit(struct rpc_object *object, int value)
{
	struct child *const child = child_of(object);
	if (child->ended)
		return ERROR_CONFLICT;
	child->ended      = true;
	child->exit_value = value;
	child_touch(child);
	return ERROR_OK;
}

static enum error op_resource_request(struct rpc_object *object, uint64_t ram,
                                      uint64_t caps, signal_cap_t available)
{
	return child_ask(child_of(object), ram, caps, available);
}

static enum error op_attention(struct rpc_object *object, uint64_t *ram,
                               uint64_t *caps)
{
	struct child *const child = child_of(object);
	child->beating = false;
	if (child->skipped_beats)
		sandbox_touch(child->sandbox);
	child->skipped_beats = 0;
	*ram  = child->owes_ram;
	*caps = child->owes_caps;
	return ERROR_OK;
}

static enum error op_yield_response(struct rpc_object *object)
{
	child_adjust(child_of(object), false);
	return ERROR_OK;
}

static enum error op_change(struct rpc_object *object, uint32_t id,
                            char const *text)
{
	struct connection *const c = connection_of_client(child_of(object), id);
	return c ? connection_change(c, text) : ERROR_NOT_FOUND;
}

static enum error op_move(struct rpc_object *object, uint32_t id,
                          uint32_t first, uint32_t count)
{
	struct connection *const c = connection_of_client(child_of(object), id);
	return c ? connection_move(c, (struct affinity) { first, count })
	         : ERROR_NOT_FOUND;
}

struct parent_ops const child_parent_ops = {
	.session = op_session, .session_state = op_session_state,
	.changed = op_changed,
	.upgrade = op_upgrade, .close = op_close, .announce = op_announce,
	.request = op_request, .deliver = op_deliver, .respond = op_respond,
	.exit = op_exit, .resource_request = op_resource_request,
	.attention = op_attention, .yield_response = op_yield_response,
	.change = op_change, .move = op_move,
};
