/* SPDX-License-Identifier: MIT */
/**
 * The parent, as its child sees it: sessions asked and served, resources, exit
 *
 * No parent ever waits for a child: whatever needs another child's help is
 * "pending", and a signal tells when to ask again. Identifiers are the parent's,
 * unique per child, never 0.
 */
#pragma once

#include <base/rpc.h>

/* -- sessions that the child asks for -- */

WIRE struct parent_donation {
	uint64_t ram, caps;
	uint32_t cpu_first, cpu_count;    /* affinity within the child's; 0, 0: all */
	bool     losable;                 /* the client copes with its loss */
};

/**
 * Ask for a session
 *
 * 'changed' is submitted whenever its state changes later (answered, denied,
 * gone). The donation leaves the child's account now. 'pending' false: 'session'
 * is the capability; true: it is null, ask parent_session_state later. Returns
 * DENIED (no route), NO_RAM, NO_CAPS (child's account), DONATE_RAM, DONATE_CAPS,
 * NOT_FOUND (e.g. no such ROM), LIMIT.
 */
RPC enum error parent_session(parent_cap_t parent, IN STRING(32) service,
                              IN STRING(128) label, IN STRING(160) text,
                              IN struct parent_donation const *donation,
                              IN OPT signal_cap_t changed,
                              OUT uint32_t *id, OUT bool *pending,
                              OUT OPT object_cap_t *session);

/**
 * Answer to a pending session. Returns AGAIN (still pending), GONE (server
 * died), else the server's or the parent's reason; NOT_FOUND (no such id)
 */
RPC enum error parent_session_state(parent_cap_t parent, IN uint32_t id,
                                    OUT OPT object_cap_t *session);

/**
 * Next of the own sessions that was answered or lost since it was told here
 *
 * For who has many of them and one signal. AGAIN: there is none.
 */
RPC enum error parent_changed(parent_cap_t parent, OUT uint32_t *id);

/** Donate more to a session. Returns NO_RAM, NO_CAPS, NOT_FOUND, GONE */
RPC enum error parent_upgrade(parent_cap_t parent, IN uint32_t id, IN uint64_t ram,
                              IN uint64_t caps);

/**
 * Close a session, open or pending; the donation returns
 *
 * AGAIN: there is much to free, and only a part is done; call it again, as
 * session_close does. Returns NOT_FOUND.
 */
RPC enum error parent_close(parent_cap_t parent, IN uint32_t id);

/* -- services that the child provides -- */

/**
 * Offer a service; 'requests' is submitted when there is something for
 * parent_request. Returns DENIED (not declared), CONFLICT
 */
RPC enum error parent_announce(parent_cap_t parent, IN STRING(32) service,
                               IN signal_cap_t requests);

WIRE enum parent_request_kind { PARENT_CREATE, PARENT_UPGRADE, PARENT_CLOSE };

WIRE struct parent_request_info {
	uint32_t id;                      /* of the session, at this server */
	enum parent_request_kind kind;
	uint64_t ram, caps;               /* donated with this request */
	uint32_t cpu_first, cpu_count;
};

/**
 * Next request to this server, with CREATE's service, label, text. AGAIN: none
 *
 * 'behind' is null, unless the server stands between a component and its own PD
 * or CPU session, or that of its child: then it is the real one (doc/parent.md,
 * interposing).
 */
RPC enum error parent_request(parent_cap_t parent,
                              OUT struct parent_request_info *info,
                              OUT char service[32], OUT char label[128],
                              OUT char text[160], OUT OPT object_cap_t *behind);

/** Answer CREATE: the session's capability. NOT_FOUND: closed meanwhile */
RPC enum error parent_deliver(parent_cap_t parent, IN uint32_t id,
                              IN object_cap_t session);

/**
 * Answer CREATE with a refusal, confirm CLOSE (reason 0, after the means were
 * given back), or end a session by itself (GONE). 'reason' is an enum error.
 * The donation returns to the client. NOT_FOUND
 */
RPC enum error parent_respond(parent_cap_t parent, IN uint32_t id,
                              IN uint32_t reason);

/* -- life -- */

/** Report the end with an exit value; the parent decides what becomes of it */
RPC enum error parent_exit(parent_cap_t parent, IN int value);

/**
 * Ask for more RAM or capabilities; 'available' is submitted when the accounts
 * changed. Returns AGAIN (asked; wait), OK (granted at once), DENIED
 */
RPC enum error parent_resource_request(parent_cap_t parent, IN uint64_t ram,
                                       IN uint64_t caps,
                                       IN OPT signal_cap_t available);

/**
 * A sign of life, and the question what the parent wants back; 0, 0: nothing
 *
 * What a component does whenever the signal of pd_attention comes, by which its
 * parent asks for it (doc/parent.md).
 */
RPC enum error parent_attention(parent_cap_t parent, OUT uint64_t *ram,
                                OUT uint64_t *caps);

/** What could be freed is free in the own account: the parent may take it */
RPC enum error parent_yield_response(parent_cap_t parent);

/**
 * Give an own session another text while it is open
 *
 * What can change is the priority and the quota of a CPU session (session/cpu.h)
 * whose threads, and those of sessions below it, follow at once. AGAIN: only a
 * part is done; call it again, as session_change does. Returns NOT_FOUND (no such
 * id), GONE, INVALID (it is none of core's CPU sessions, or the text is
 * malformed), LIMIT (that quota is not there), DENIED (the route
 * fixes the text); nothing has changed then.
 */
RPC enum error parent_change(parent_cap_t parent, IN uint32_t id,
                             IN STRING(160) text);

/**
 * Give an own CPU session other CPUs while it is open, as parent_donation has them
 *
 * Its threads move at once, later ones begin there (session/cpu.h); those of
 * sessions below it are left to who opened these. AGAIN: only a part is done; call
 * it again, as session_move does. Returns NOT_FOUND (no such id), GONE, INVALID (it
 * is none of core's CPU sessions); nothing has changed then.
 */
RPC enum error parent_move(parent_cap_t parent, IN uint32_t id,
                           IN uint32_t cpu_first, IN uint32_t cpu_count);
