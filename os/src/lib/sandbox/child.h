/* SPDX-License-Identifier: MIT */
/**
 * Child: a component in the sandbox, from its start node to its end
 *
 * A child exists as long as its start node does; its protection domain comes
 * and goes with start and end. What is below 'started' is zero otherwise.
 */
#pragma once

#include <base/entrypoint.h>
#include <os/sandbox.h>
#include <session/cpu.h>
#include <session/pd.h>

struct connection;

/** Let ops->state be called soon */
void sandbox_touch(struct sandbox *sandbox);

enum { CHILD_NAME = 64 };

enum child_state {
	CHILD_STOPPED,   /* to be started */
	CHILD_WAITING,   /* for its log or its binary */
	CHILD_RUNNING,
	CHILD_EXITED,    /* by itself, with a value */
	CHILD_FAULTED,   /* a thread stopped by an exception */
	CHILD_FAILED,    /* could not be started */
};

/** A service that the child announced */
struct offer {
	struct list_node node;
	char             name[32];
	signal_cap_t     requests;
};

struct child {
	struct list_node  node;           /* in sandbox.children */
	struct sandbox   *sandbox;
	struct hid const *start;          /* in sandbox.config */
	char              name[CHILD_NAME];
	enum child_state  state;
	enum error        reason;         /* of CHILD_FAILED */
	int               exit_value;
	char              cause[96];      /* of CHILD_FAULTED, as a sentence */
	unsigned          restarts;
	uint64_t          restart_at;     /* clock_us; 0: not to be restarted */
	uint64_t          ram, caps;      /* quota that its PD has */

	/* started */
	struct pd_session     pd;
	struct cpu_session    cpu;
	struct rpc_object     parent;     /* what it calls */
	struct signal_handler fault;
	struct connection    *log, *binary;
	struct list           clients;    /* connections that it asked for */
	struct list           served;     /* connections that it serves */
	struct list           requests;   /* of those, what it has to fetch */
	struct list           offers;
	signal_cap_t          available, yield, heartbeat;
	uint64_t              wants_ram, wants_caps;
	bool                  ended;      /* exit or fault, not yet dealt with */
	bool                  answered;   /* so was a session of its own */
	bool                  beating;    /* asked for a sign of life */
	unsigned              skipped_beats, denials;
};

/** Child of 'start'; it is not started. NULL: no RAM */
struct child *child_new(struct sandbox *sandbox, struct hid const *start);
void child_delete(struct child *child);

/** Whether it serves, or will */
bool child_alive(struct child const *child);

struct child *child_by_name(struct sandbox *sandbox, char const *name);
struct child *child_of_node(struct list_node *node);

/** Bring it into CHILD_WAITING, RUNNING or FAILED */
void child_start(struct child *child);

/** Let go of all that it has; what it served is gone */
void child_stop(struct child *child, enum child_state state);

/** Go on with the start if its own sessions (log, binary) were answered */
void child_answered(struct child *child);

/** Adjust its quotas to its start node */
void child_adjust(struct child *child);

/** Deal with its exit or fault. True: it changed */
bool child_conclude(struct child *child);

/** Start it again if the time 'now' has come for it */
void child_restart_if_due(struct child *child, uint64_t now);

/** Whether its start node declares the service */
bool child_provides(struct child const *child, char const *service);

/** The announced service; NULL: not (yet) announced */
struct offer *child_offer(struct child *child, char const *service);

/** Operations of the parent interface (parent.c) */
extern struct parent_ops const child_parent_ops;

/** Name of the state, for reports */
char const *child_state_name(struct child const *child);
