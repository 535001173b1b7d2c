/* SPDX-License-Identifier: MIT */
/**
 * Client side of a session: open, state, upgrade, close
 *
 * A session is asked of the parent by service name and label; the parent routes
 * it. The session pays for what the server does for it by a donation of RAM and
 * capabilities, which comes back when it is closed.
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>

struct env;
struct signal_handler;

enum session_state {
	SESSION_CLOSED,    /* zeroed memory is a closed session */
	SESSION_PENDING,   /* asked for, not answered */
	SESSION_OPEN,
	SESSION_DENIED,    /* refused by parent or server; close it */
	SESSION_GONE,      /* the server died or closed it; close it */
};

enum { SESSION_LABEL = 128, SESSION_ARGS = 160, SESSION_SERVICE = 32 };

struct session {
	cap_t       cap;          /* what RPCs go to, while it is open */
	struct env *env;
	uint64_t    opaque[10];
};
_Static_assert(sizeof(struct session) == 96, "binary interface");

/** Part of the machine's CPUs: [first, + count) of the affinity space; 0: all */
struct affinity { uint32_t first, count; };

/** Parameters of a session; NULL or zeroed members are the defaults */
struct session_args {
	char const *label;               /* at most SESSION_LABEL - 1 bytes */
	char const *text;                /* HID, at most SESSION_ARGS - 1 bytes */
	size_t      ram;                 /* beyond the service's minimum */
	size_t      caps;
	struct affinity affinity;
	struct signal_handler *changed;  /* runs when the state changes */
};

/**
 * Open a session and wait for the answer
 *
 * 'ram' and 'caps' are the service's minimum. Too small a donation is doubled
 * at most three times. Waits in the calling thread for nothing but this answer.
 * Returns DENIED, NO_RAM, NO_CAPS, DONATE_RAM, DONATE_CAPS, GONE, LIMIT (label
 * or text too long); 'session' is closed then.
 */
enum error session_open(struct session *session, struct env *env,
                        char const *service, struct session_args const *args,
                        size_t ram, size_t caps) MUST_USE;

/**
 * Ask for a session and return at once
 *
 * 'args->changed' runs when it leaves SESSION_PENDING, and when it is lost.
 * Returns NO_RAM, NO_CAPS, GONE, LIMIT.
 */
enum error session_request(struct session *session, struct env *env,
                           char const *service, struct session_args const *args,
                           size_t ram, size_t caps) MUST_USE;

/** Current state, asked of the parent where it may have changed */
enum session_state session_state(struct session *session);

/** Donate more. Returns NO_RAM, NO_CAPS, GONE, INVALID (not open) */
enum error session_upgrade(struct session *session, size_t ram, size_t caps) MUST_USE;

/**
 * Give it another text while it is open: CPU sessions of core can follow
 *
 * Returns as parent_change, INVALID (not open).
 */
enum error session_change(struct session *session, char const *text) MUST_USE;

/**
 * Give it other CPUs while it is open: CPU sessions of core can follow
 *
 * Returns as parent_move, INVALID (not open).
 */
enum error session_move(struct session *session,
                        struct affinity affinity) MUST_USE;

/** Close it; the donation comes back. Idempotent */
void session_close(struct session *session);

/**
 * Declare a service's session type and the functions that tool/rpc defines:
 * <type>_open, <type>_request, <type>_close
 */
#define SERVICE(type, name, min_ram, min_caps) \
	struct type##_session { \
		union { struct session session; type##_cap_t cap; }; \
	}; \
	enum error type##_open(struct type##_session *, struct env *, \
	                       struct session_args const *) MUST_USE; \
	enum error type##_request(struct type##_session *, struct env *, \
	                          struct session_args const *) MUST_USE; \
	void type##_close(struct type##_session *)
