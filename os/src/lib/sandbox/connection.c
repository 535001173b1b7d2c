/* SPDX-License-Identifier: MIT */
/* Connections; connection.h tells where the donation is at each time */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "config_rom.h"

static uint64_t id_of(struct avl_node const *node)
{
	return container_of_const(node, struct connection, by_id)->id;
}

struct connection *connection_of_client_node(struct list_node *node)
{
	return container_of(node, struct connection, client_node);
}

struct connection *connection_of_server_node(struct list_node *node)
{
	return container_of(node, struct connection, server_node);
}

static struct connection *by_id(struct sandbox *sandbox, uint32_t id)
{
	struct avl_node *const node = avl_find(&sandbox->connections, id, id_of);
	return node ? container_of(node, struct connection, by_id) : NULL;
}

/* -- at the own parent -- */

static uint64_t parent_id_of(struct avl_node const *node)
{
	return connection_parent_id(container_of_const(node, struct connection,
	                                               by_parent_id));
}

static struct connection *by_parent_id(struct sandbox *sandbox, uint32_t id)
{
	struct avl_node *const node = avl_find(&sandbox->at_parent, id,
	                                       parent_id_of);
	return node ? container_of(node, struct connection, by_parent_id) : NULL;
}

void connection_at_parent(struct connection *c, bool there)
{
	struct avl_tree *const tree = &c->sandbox->at_parent;
	if (there)
		avl_insert_by_key(tree, &c->by_parent_id, parent_id_of);
	else
		avl_remove(tree, &c->by_parent_id);
}

/* -- of a child -- */

struct connection *connection_of_client(struct child *client, uint32_t id)
{
	struct connection *const c = by_id(client->sandbox, id);
	return c && c->client == client && !c->own
	       && (c->state != CONNECTION_CLOSING || c->severed) ? c : NULL;
}

struct connection *connection_of_server(struct child *server, uint32_t id)
{
	struct connection *const c = by_id(server->sandbox, id);
	return c && c->server == server && c->state != CONNECTION_QUEUED
	       ? c : NULL;
}

/* -- money -- */

/** From the client's account to the sandbox's */
static enum error take(struct connection const *c, uint64_t ram, uint64_t caps)
{
	return c->own ? ERROR_OK
	     : pd_transfer(c->client->pd.cap, c->sandbox->env->pd, ram, caps);
}

/** From the sandbox's account to the client's, if it lives */
void connection_refund(struct connection const *c, uint64_t ram, uint64_t caps)
{
	if (c->client && !c->own && c->client->pd.cap.cap)
		error_ignore(pd_transfer(c->sandbox->env->pd, c->client->pd.cap,
		                         ram, caps), "the client is ending");
}

/** From the serving child's account to the sandbox's, as it promised */
static bool recover(struct connection const *c)
{
	if (!pd_transfer(c->server->pd.cap, c->sandbox->env->pd, c->ram, c->caps))
		return true;
	if (log_few(&c->server->complaints))
		log_warning("%s: keeps %lu bytes and %lu capabilities of a"
		            " closed session '%s'", c->server->name, c->ram,
		            c->caps, c->label);
	return false;
}

/* -- life -- */

static void leave_server(struct connection *c)
{
	list_remove(&c->server_node);
	list_remove(&c->request_node);
	c->server = NULL;
}

/** Give up what the session's capability stands for */
static void close_cap(struct connection *c)
{
	if (c->local)
		service_session_close(c->local);
	else if (!c->rom)
		cap_drop(c->cap);
	config_rom_close(c);
	c->local = NULL;
	c->cap   = 0;
}

static void connection_free(struct connection *c)
{
	leave_server(c);
	behind_close(c);
	if (c->state == CONNECTION_FAILED || !c->client)
		c->ram = c->caps = 0;
	close_cap(c);
	connection_refund(c, c->ram + c->more_ram + CONNECTION_RAM,
	                  c->caps + c->more_caps + CONNECTION_CAPS);
	list_remove(&c->client_node);
	list_remove(&c->news_node);
	avl_remove(&c->sandbox->connections, &c->by_id);
	cap_drop(c->changed.cap);
	sandbox_touch(c->sandbox);
	heap_free(c->sandbox->env->heap, c, sizeof *c);
}

/** Tell the client that there is news */
static void notify(struct connection *c)
{
	sandbox_touch(c->sandbox);
	if (c->own && c->client) {
		child_unsettle(c->client);
	} else if (c->client) {
		if (!list_linked(&c->news_node))
			list_append(&c->client->news, &c->news_node);
		if (c->changed.cap)
			error_ignore(signal_submit(c->changed), "it is ending");
	}
}

/** No session (any more), and the donation is in the sandbox's account */
static void fail(struct connection *c, enum error reason)
{
	close_cap(c);
	behind_close(c);
	connection_refund(c, c->ram + c->more_ram, c->caps + c->more_caps);
	c->ram = c->caps = c->more_ram = c->more_caps = 0;
	leave_server(c);
	c->severed = false;
	c->state   = CONNECTION_FAILED;
	c->reason  = reason;
	notify(c);
}

/** Let the serving child know that it has something to fetch */
static void queue(struct connection *c)
{
	struct offer *const offer = child_offer(c->server, c->service);
	if (!list_linked(&c->request_node))
		list_append(&c->server->requests, &c->request_node);
	if (offer)
		error_ignore(signal_submit(offer->requests), "it is ending");
}

/* -- opening -- */

static struct connection *connection_new(struct child *client,
                                         struct route_request const *request,
                                         struct parent_donation const *donation)
{
	struct sandbox *const sandbox = client->sandbox;
	struct connection *const c = heap_alloc(sandbox->env->heap, sizeof *c);
	if (!c)
		return NULL;
	*c = (struct connection) {
		.sandbox = sandbox, .client = client,
		.ram = donation->ram, .caps = donation->caps,
		.own = request->own, .behind = request->behind,
		.losable = donation->losable,
		.asked_affinity = { donation->cpu_first, donation->cpu_count } };
	string_copy(c->service, sizeof c->service, request->service);
	string_copy(c->wish, sizeof c->wish, request->text);
	string_copy(c->asked, sizeof c->asked, request->label);
	do
		c->id = ++sandbox->last_id;
	while (!c->id || by_id(sandbox, c->id));
	avl_insert_by_key(&sandbox->connections, &c->by_id, id_of);
	list_append(&client->clients, &c->client_node);
	return c;
}

static enum error ask_parent(struct connection *c)
{
	struct parent_donation const donation = {
		c->ram, c->caps, c->affinity.first, c->affinity.count, true };
	struct sandbox *const sandbox = c->sandbox;
	object_cap_t cap = { 0 };
	bool pending = false;
	enum error const error = parent_session(
		sandbox->env->parent, c->service, c->label, c->text, &donation,
		sandbox->answers.cap, &c->parent_id, &pending, &cap);
	if (error) {
		c->parent_id = 0;
		return error;
	}
	connection_at_parent(c, true);
	c->cap   = cap.cap;
	c->state = pending ? CONNECTION_ASKED : CONNECTION_OPEN;
	return ERROR_OK;
}

/** The embedder's service answers at once, out of the sandbox's account */
static enum error ask_local(struct connection *c, struct service *service)
{
	struct session_request request = {
		.service = c->service, .label = c->label, .text = c->text,
		.ram = c->ram, .caps = c->caps, .affinity = c->affinity,
		.behind = c->behind };
	enum error const error = service_session_open(
		service, c->sandbox->env, &request, &c->local);
	if (error)
		return error;
	c->cap   = c->local->object.cap;
	c->state = CONNECTION_OPEN;
	return ERROR_OK;
}

/** The one behind it first: connection_poll goes on if that is pending */
static enum error ask(struct connection *c, struct route const *route)
{
	enum error error = ERROR_OK;
	if (behind_needed(c, route) && !c->behind.cap)
		error = behind_open(c);
	if (error == ERROR_AGAIN)
		c->state = CONNECTION_ASKED;
	if (error)
		return error == ERROR_AGAIN ? ERROR_OK : error;
	switch (route->target) {
	case ROUTE_PARENT:
		return ask_parent(c);
	case ROUTE_CONFIG:
		error = config_rom_open(c);
		c->state = CONNECTION_OPEN;
		return error;
	case ROUTE_LOCAL:
		return ask_local(c, route->local);
	case ROUTE_CHILD:
		c->server = route->server;
		list_append(&c->server->served, &c->server_node);
		queue(c);
	}
	return ERROR_OK;
}

enum error connection_open(struct child *client,
                           struct route_request const *request,
                           struct parent_donation const *donation,
                           signal_cap_t changed, struct connection **result)
{
	struct route route;
	enum error error = route_find(client, request, &route);
	if (error)
		return error;
	if (donation->ram > UINT64_MAX / 2 || donation->caps > UINT64_MAX / 2)
		return ERROR_NO_RAM;

	struct connection *const c = connection_new(client, request, donation);
	if (!c)
		return ERROR_NO_RAM;
	string_copy(c->label, sizeof c->label, route.label);
	connection_set_text(c, &route);
	error = take(c, c->ram + CONNECTION_RAM, c->caps + CONNECTION_CAPS);
	if (error) {
		c->own = true;              /* there is nothing to refund */
		connection_free(c);
		return error;
	}
	error = ask(c, &route);
	if (error) {
		connection_free(c);
		return error;
	}
	cap_keep(changed.cap);
	c->changed = changed;
	sandbox_touch(client->sandbox);
	*result = c;
	return ERROR_OK;
}

/* -- closing -- */

/** At the own parent, which may do it in parts */
static void close_at_parent(struct connection *c)
{
	connection_at_parent(c, false);
	while (parent_close(c->sandbox->env->parent, c->parent_id)
	       == ERROR_AGAIN)
		;
	c->parent_id = 0;
}

/** End it where it is served. False: a child that serves has to confirm it */
static bool leave(struct connection *c)
{
	behind_close(c);
	if (c->parent_id)
		close_at_parent(c);
	if (!c->server || c->state == CONNECTION_QUEUED)
		return true;
	if (c->state != CONNECTION_CLOSING) {
		c->state = CONNECTION_CLOSING;
		cap_drop(c->cap);
		c->cap = 0;
		queue(c);
	}
	return false;
}

void connection_close(struct connection *c)
{
	c->severed = false;
	if (leave(c))
		connection_free(c);
}

void connection_end(struct connection *c)
{
	if (leave(c)) {
		fail(c, ERROR_GONE);
		return;
	}
	c->severed = true;
	notify(c);
}

void connection_orphan(struct connection *c)
{
	list_remove(&c->client_node);
	list_remove(&c->news_node);
	c->client = NULL;
	if (c->own)
		c->behind.cap = 0;
	connection_close(c);
}

/* -- new routes -- */

/** Whether it is already where 'route' leads */
static bool there(struct connection const *c, struct route const *route)
{
	char const *const text = route->granted ? route->text : c->wish;
	if (!string_equal(c->label, route->label)
	 || !string_equal(connection_for_cpus(c) ? c->wish : c->text, text))
		return false;
	if (c->behind_id && !c->behind.cap)
		return behind_needed(c, route);
	switch (route->target) {
	case ROUTE_PARENT: return c->parent_id;
	case ROUTE_CONFIG: return c->rom;
	case ROUTE_LOCAL:  return c->local && c->local->service == route->local;
	case ROUTE_CHILD:  return c->server == route->server;
	}
	return false;
}

bool connection_reroute(struct connection *c)
{
	struct route_request const request = {
		.service = c->service, .label = c->asked, .text = c->wish };
	struct route route;
	bool const over = c->state == CONNECTION_FAILED
	                  || c->state == CONNECTION_CLOSING;
	if (over)
		return !c->own || c == c->client->log;
	if (!route_find(c->client, &request, &route) && there(c, &route))
		return true;
	if (c->own || !c->losable)
		return false;
	connection_end(c);
	return true;
}

void connection_lost(struct connection *c, bool keep_queued)
{
	enum connection_state const state = c->state;
	if (state == CONNECTION_QUEUED && keep_queued)
		return;
	if (state == CONNECTION_CLOSING && !c->severed) {
		connection_free(c);
		return;
	}
	fail(c, ERROR_GONE);
	if (!c->client)
		connection_free(c);
}

void sandbox_session_end(struct sandbox *sandbox,
                         struct session_object *session)
{
	for (struct avl_node *n = avl_first(&sandbox->connections); n;
	     n = avl_next(n)) {
		struct connection *const c =
			container_of(n, struct connection, by_id);
		if (c->local == session) {
			connection_end(c);
			return;
		}
	}
}

/* -- upgrades -- */

enum error connection_upgrade(struct connection *c, uint64_t ram, uint64_t caps)
{
	if (c->state == CONNECTION_FAILED)
		return ERROR_GONE;
	enum error error = take(c, ram, caps);
	if (error)
		return error;
	if (c->parent_id)
		error = parent_upgrade(c->sandbox->env->parent, c->parent_id, ram,
		                       caps);
	if (error) {
		connection_refund(c, ram, caps);
		return error;
	}
	if (c->local)
		service_session_upgrade(c->local, ram, caps);
	if (c->server && c->state != CONNECTION_QUEUED) {
		c->more_ram  += ram;
		c->more_caps += caps;
		queue(c);
	} else {
		c->ram  += ram;
		c->caps += caps;
	}
	return ERROR_OK;
}

/* -- the serving child -- */

/** Hand the donation to the server; 'info' says what it is for */
static enum error pay(struct child *server, uint64_t ram, uint64_t caps,
                      struct parent_request_info *info)
{
	info->ram  = ram;
	info->caps = caps;
	return pd_transfer(server->sandbox->env->pd, server->pd.cap, ram, caps);
}

static enum error fetch(struct child *server, struct connection *c,
                        struct parent_request_info *info)
{
	enum error error = ERROR_OK;
	*info = (struct parent_request_info) {
		.id = c->id, .kind = PARENT_CLOSE,
		.cpu_first = c->affinity.first, .cpu_count = c->affinity.count };
	if (c->state == CONNECTION_QUEUED) {
		info->kind = PARENT_CREATE;
		error = pay(server, c->ram, c->caps, info);
		if (!error)
			c->state = CONNECTION_ASKED;
	} else if (c->state != CONNECTION_CLOSING) {
		info->kind = PARENT_UPGRADE;
		error = pay(server, c->more_ram, c->more_caps, info);
		if (!error) {
			c->ram  += c->more_ram;
			c->caps += c->more_caps;
			c->more_ram = c->more_caps = 0;
		}
	}
	return error;
}

enum error connection_fetch(struct child *server,
                            struct parent_request_info *info,
                            struct connection **result)
{
	struct list_node *node;
	while ((node = list_take_first(&server->requests))) {
		struct connection *const c =
			container_of(node, struct connection, request_node);
		enum error const error = fetch(server, c, info);
		if (!error) {
			*result = c;
			return ERROR_OK;
		}
		if (c->state == CONNECTION_QUEUED)
			fail(c, error);
	}
	return ERROR_AGAIN;
}

void connection_deliver(struct connection *c, cap_t session)
{
	cap_keep(session);
	c->cap   = session;
	c->state = CONNECTION_OPEN;
	notify(c);
}

void connection_respond(struct connection *c, enum error reason)
{
	bool const closing = c->state == CONNECTION_CLOSING && !c->severed;
	if (!recover(c))
		c->ram = c->caps = 0;
	if (closing)
		connection_free(c);
	else
		fail(c, reason ? reason : ERROR_GONE);
}

/* -- the own parent -- */

static void poll(struct connection *c)
{
	object_cap_t cap = { 0 };
	enum error const error = parent_session_state(c->sandbox->env->parent,
	                                              c->parent_id, &cap);
	if (error == ERROR_AGAIN)
		return;
	if (!error && c->state == CONNECTION_OPEN) {
		cap_drop(cap.cap);          /* the same once more */
	} else if (!error) {
		c->cap   = cap.cap;
		c->state = CONNECTION_OPEN;
		notify(c);
	} else {
		close_at_parent(c);         /* to have the donation back */
		fail(c, error);
	}
}

/** The session behind it has come: now it is its server's turn, if that is there */
static void go_on(struct connection *c)
{
	struct route_request const request = {
		.service = c->service, .label = c->asked, .text = c->wish };
	struct route route;
	c->state = CONNECTION_QUEUED;
	enum error error = route_find(c->client, &request, &route);
	if (!error && (!behind_needed(c, &route)
	               || !string_equal(c->label, route.label)))
		error = ERROR_GONE;     /* the next target is for who asks again */
	if (!error)
		error = ask(c, &route);
	if (error)
		fail(c, error);
	else if (c->state == CONNECTION_OPEN)
		notify(c);
}

static void poll_behind(struct connection *c)
{
	bool const pending = !c->behind.cap;
	enum error const error = behind_poll(c);
	if (error == ERROR_AGAIN)
		return;
	if (!error)
		go_on(c);
	else if (pending)
		fail(c, error);
	else
		connection_end(c);
}

void connection_poll(struct sandbox *sandbox)
{
	uint32_t id;
	while (parent_changed(sandbox->env->parent, &id) == ERROR_OK) {
		struct connection *const c = by_parent_id(sandbox, id);
		if (c && c->behind_id)
			poll_behind(c);
		else if (c)
			poll(c);
	}
}
