/* SPDX-License-Identifier: MIT */
/**
 * Server side of sessions: announce a service, create session objects
 *
 * The library pays for each session out of its client's donation, so that a
 * server needs no quota code: the session object, its portal and all that is
 * allocated for the session are charged to the session's account, and all of it
 * goes back when the session is closed.
 */
#pragma once

#include <base/entrypoint.h>
#include <base/session.h>

struct service;
struct heap;

/** What the client asked for; the strings live during 'create' only */
struct session_request {
	char const     *service, *label, *text;
	size_t          ram, caps;          /* free for the session itself */
	struct affinity affinity;
	/**
	 * Null, but for who interposes PD or CPU sessions of components: the real
	 * one, there as long as the session is (doc/parent.md)
	 */
	object_cap_t    behind;
};

/** Embed it first in the session's struct; zeroed by the library */
struct session_object {
	struct rpc_object object;           /* initialise by <interface>_object_init */
	struct service   *service;
	struct heap      *heap;             /* paid by the client */
	struct env       *env;
	char const       *label;
	uint64_t          opaque[16];
};
_Static_assert(sizeof(struct session_object) == 224, "binary interface");

struct service {
	char const *name;
	size_t      session_size;           /* of the struct that embeds session_object */
	/** Set up a session. An error denies it: DONATE_RAM and _CAPS make the client retry */
	enum error (*create)(struct service *, struct session_object *,
	                     struct session_request const *);
	/** Undo what is not the library's, may be NULL */
	void (*destroy)(struct service *, struct session_object *);
	uint64_t opaque[16];
};
_Static_assert(sizeof(struct service) == 160, "binary interface");

/** Offer it through the parent. Returns DENIED (not declared), NO_RAM, NO_CAPS */
enum error service_announce(struct service *service, struct env *env) MUST_USE;

/** Memory on the session's account, freed with it. Returns DONATE_RAM, DONATE_CAPS */
enum error session_ram_alloc(struct session_object *session, size_t size,
                             dataspace_cap_t *ds) MUST_USE;
void session_ram_free(struct session_object *session, dataspace_cap_t ds);

/** End a session from the server's side: the client finds it gone */
void session_object_end(struct session_object *session);

/**
 * Open, upgrade and close a session of 'service' for who takes requests by other
 * means than the own parent: a sandbox that serves its children itself
 *
 * The request's 'ram' and 'caps' are the donation, and are in the own account.
 * Returns as 'create' of the service, DONATE_RAM, DONATE_CAPS.
 */
enum error service_session_open(struct service *service, struct env *env,
                                struct session_request *request,
                                struct session_object **session) MUST_USE;
void service_session_upgrade(struct session_object *session, size_t ram,
                             size_t caps);
void service_session_close(struct session_object *session);

/** Iterate over the open sessions of a service; NULL: the first, then the next */
struct session_object *service_next(struct service *, struct session_object *);

/**
 * The policy for a label: the node "policy" of 'config' whose attribute label,
 * label_prefix or label_suffix matches best, else "default-policy", else NULL
 */
struct hid const *service_policy(struct hid const *config, char const *label);
