/* SPDX-License-Identifier: MIT */
/**
 * Connection: one session between a child and whoever serves it
 *
 * The donation leaves the client's account at once. It is in the sandbox's
 * account until a child that serves fetches the request, and comes back to the
 * client when the server confirmed the end, or died. The client may be dead by
 * then: it then stays in the sandbox's account, where its client's quota is too.
 */
#pragma once

#include <base/rpc.h>
#include <session/parent.h>
#include <util/avl.h>
#include <util/list.h>

#include "route.h"

enum connection_state {
	CONNECTION_QUEUED,   /* to be fetched by the child that serves */
	CONNECTION_ASKED,    /* fetched, or with the own parent */
	CONNECTION_OPEN,
	CONNECTION_FAILED,   /* denied or gone; the donation is back */
	CONNECTION_CLOSING,  /* the server has to confirm; its client forgot it */
};

struct config_rom;

struct connection {
	struct avl_node       by_id, by_parent_id;
	struct list_node      client_node, news_node, server_node, request_node;
	uint32_t              id;
	struct sandbox       *sandbox;
	struct child         *client;    /* NULL: dead */
	struct child         *server;    /* NULL: not a child, or dead */
	bool                  own;       /* asked for by the sandbox for the client */
	bool                  losable;   /* its client copes with its loss */
	bool                  fixed;     /* 'wish' is the route's, not the client's */
	bool                  severed;   /* CLOSING, and its client knows it as gone */
	enum connection_state state;
	enum error            reason;    /* of CONNECTION_FAILED */
	signal_cap_t          changed;   /* client's, or null */
	cap_t                 cap;       /* of the session, while open */
	uint32_t              parent_id; /* with the own parent; 0: not there */
	struct config_rom    *rom;       /* served by the sandbox itself */
	struct session_object *local;    /* served by its embedder */
	object_cap_t          behind;    /* see parent_request */
	uint32_t              behind_id; /* with the own parent; 0: it is the child's */
	uint64_t              behind_ram, behind_caps; /* of the donation, for that */
	uint64_t              ram, caps;           /* donated so far */
	uint64_t              more_ram, more_caps; /* upgrade to be fetched */
	struct affinity       affinity, asked_affinity; /* bounded; as asked for */
	char                  service[SESSION_SERVICE];
	char                  asked[SESSION_LABEL]; /* label as the client gave it */
	char                  label[SESSION_LABEL]; /* as the server sees it */
	char                  wish[SESSION_ARGS];   /* text as the client gave it */
	char                  text[SESSION_ARGS];   /* as the server sees it */
};

/** What a connection costs the client beyond its donation */
enum { CONNECTION_RAM = 1024, CONNECTION_CAPS = 2 };
_Static_assert(sizeof(struct connection) <= CONNECTION_RAM, "paid in full");

/**
 * Ask for a session on behalf of 'client'
 *
 * A request of its own for the client the sandbox pays. Returns as
 * parent_session; on success the connection may be open, or pending.
 */
enum error connection_open(struct child *client,
                           struct route_request const *request,
                           struct parent_donation const *donation,
                           signal_cap_t changed,
                           struct connection **result) MUST_USE;

/** Connection of a client by its number; NULL: there is none */
struct connection *connection_of_client(struct child *client, uint32_t id);
struct connection *connection_of_server(struct child *server, uint32_t id);

/** The client is done with it; it may live on until the server confirmed */
void connection_close(struct connection *connection);

/**
 * Compare with what the routes say now
 *
 * True: it is still right, or its client has been told that it is gone. False:
 * its client has to be restarted.
 */
bool connection_reroute(struct connection *connection) MUST_USE;

/** The embedder ended it */
void connection_end(struct connection *connection);

/** The client is dead */
void connection_orphan(struct connection *connection);

/**
 * The child that served it is dead, and its account with the sandbox again
 *
 * 'keep_queued': what was not yet fetched is for the child's next life.
 */
void connection_lost(struct connection *connection, bool keep_queued);

enum error connection_upgrade(struct connection *connection, uint64_t ram,
                              uint64_t caps) MUST_USE;

/** Note that 'parent_id' or 'behind_id' is there, or will not be any more */
void connection_at_parent(struct connection *connection, bool there);

/** Number of what is with the own parent: it, or the one behind it; 0: neither */
static inline uint32_t connection_parent_id(struct connection const *c)
{
	return c->behind_id ? c->behind_id : c->parent_id;
}

/** Give back a part of the donation that is in the sandbox's account */
void connection_refund(struct connection const *connection, uint64_t ram,
                       uint64_t caps);

/** Whether a real session belongs behind it (behind.c) */
bool behind_needed(struct connection const *connection,
                   struct route const *route);

/**
 * Open that session. AGAIN: it is pending, and 'answers' will be signalled;
 * returns as parent_session
 */
enum error behind_open(struct connection *connection) MUST_USE;

/** See what became of it. OK: it has come; AGAIN: no news; else its end */
enum error behind_poll(struct connection *connection) MUST_USE;

/** End it, if there is one */
void behind_close(struct connection *connection);

bool connection_for_cpus(struct connection const *connection);

/** What the server sees as text and affinity, within what the client has (limit.c) */
void connection_set_text(struct connection *connection,
                         struct route const *route);

/** The client's text for a CPU session that is open. Returns as parent_change */
enum error connection_change(struct connection *connection,
                             char const *text) MUST_USE;

/** The client's CPUs for a CPU session that is open. Returns as parent_move */
enum error connection_move(struct connection *connection,
                           struct affinity affinity) MUST_USE;

/** Its client's own limits have changed: bound a CPU session by them */
void connection_limit(struct connection *connection);

/** Next thing for 'server' to do. AGAIN: nothing */
enum error connection_fetch(struct child *server,
                            struct parent_request_info *info,
                            struct connection **result) MUST_USE;

/** The server's answers */
void connection_deliver(struct connection *connection, cap_t session);
void connection_respond(struct connection *connection, enum error reason);

/** Ask the own parent which sessions have changed, and what became of these */
void connection_poll(struct sandbox *sandbox);

struct connection *connection_of_client_node(struct list_node *node);
struct connection *connection_of_server_node(struct list_node *node);
