/* SPDX-License-Identifier: MIT */
/**
 * What all sessions at core share
 *
 * A session is an object with an account and an arena of its own, filled by the
 * donation. The session's memory itself is in that arena, so that closing it
 * returns the donation to the byte.
 */
#pragma once

#include <base/hid.h>
#include <base/session.h>
#include "object.h"

enum { CORE_LABEL = SESSION_LABEL + 16 };

struct core_session {
	struct object              object;
	struct account             account;
	struct arena               arena;
	struct core_service const *service;
	struct avl_node            by_id;     /* of init's sessions */
	uint32_t                   id;
	uint64_t                   ram, caps; /* donation */
	char                       label[CORE_LABEL];
};

/** Parameters of a new session */
struct session_request {
	char const       *label;
	struct hid const *args;
	uint64_t          ram, caps;
	uint32_t          cpu_first, cpu_count;   /* count > 0 */
};

/** One service of core */
struct core_service {
	char const     *name;
	size_t          size;     /* of the struct that begins with core_session */
	rpc_dispatch_t  dispatch;
	void const     *ops;
	/* both may be NULL; destroy also takes one that is half created, and
	   is called again while it says false: the work of one handler is done */
	enum error    (*create)(struct core_session *,
	                        struct session_request const *);
	bool          (*destroy)(struct core_session *);
	/* NULL: that cannot be changed. AGAIN: to be called again */
	enum error    (*change)(struct core_session *,
	                        struct session_request const *);
	enum error    (*move)(struct core_session *, uint32_t cpu_first,
	                      uint32_t cpu_count);
};

/**
 * Open a session. Returns DONATE_RAM, DONATE_CAPS, NO_RAM (of core), and what
 * 'create' of the service does
 */
enum error core_session_open(struct core_service const *service,
                             struct session_request const *request,
                             struct core_session **session) MUST_USE;

/** Close it; everything that it was charged for is free then. False: go on */
bool core_session_close(struct core_session *session) MUST_USE;

/** NO_RAM and NO_CAPS of a session's own account, as its client has to see it */
static inline enum error donation_error(enum error error)
{
	return error == ERROR_NO_RAM  ? ERROR_DONATE_RAM
	     : error == ERROR_NO_CAPS ? ERROR_DONATE_CAPS : error;
}

/**
 * Keep 'signal' (null: none) in *slot instead of what is there
 *
 * One capability is charged to the session. Returns NO_CAPS.
 */
enum error signal_keep(struct account *account, cap_t *slot, cap_t signal) MUST_USE;

/** Give up what is in *slot */
static inline void signal_keep_none(struct account *account, cap_t *slot)
{
	error_ignore(signal_keep(account, slot, 0), "null never fails");
}

/** Last element of a label, behind "-> " */
char const *label_last(char const *label);
