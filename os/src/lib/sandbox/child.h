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

#include "policy.h"

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
	struct list_node  busy;           /* in sandbox.busy */
	struct list_node  restarting;     /* in sandbox.restarting */
	struct avl_node   by_name;        /* in sandbox.names */
	uint64_t          name_key;
	struct list_node  provider;       /* in sandbox.providers */
	struct policy     policy;         /* what 'start' says */
	/* while a configuration is taken over */
	struct hid const *next_start;
	struct policy     next_policy;
	bool              fresh;          /* there is no former start node */
	bool              altered;        /* its text is another one */
	uint32_t          id;             /* a new one at each start */
	struct sandbox   *sandbox;
	struct hid const *start;          /* in sandbox.config, or its own copy */
	struct sandbox_config own;        /* that copy, if it was added by itself */
	char              name[CHILD_NAME];
	enum child_state  state;
	enum error        reason;         /* of CHILD_FAILED */
	int               exit_value;
	char              cause[96];      /* of CHILD_FAULTED, as a sentence */
	unsigned          restarts;
	uint64_t          restart_at;     /* clock_us; 0: not to be restarted */
	uint64_t          ram, caps;      /* quota that its PD has */
	uint32_t          priority, cpu_quota;  /* limits of its CPU session */
	struct affinity   affinity;       /* of the same */

	/* started */
	struct pd_session     pd;
	struct cpu_session    cpu;
	struct rpc_object     parent;     /* what it calls */
	struct signal_handler fault;
	struct connection    *log, *binary;
	struct connection    *seen_pd, *seen_cpu;  /* interposed; else NULL */
	struct list           clients;    /* connections that it asked for */
	struct list           news;       /* of those, changed and not yet told */
	struct list           served;     /* connections that it serves */
	struct list           requests;   /* of those, what it has to fetch */
	struct list           offers;
	signal_cap_t          available;  /* it waits for what it wants */
	signal_cap_t          attention;  /* null: not needed so far */
	uint64_t              wants_ram, wants_caps;
	uint64_t              owes_ram, owes_caps;  /* wanted back */
	bool                  ended;      /* exit or fault, not yet dealt with */
	bool                  answered;   /* so was a session of its own */
	bool                  beating;    /* asked for a sign of life */
	unsigned              skipped_beats;
	unsigned              complaints;     /* about it, that were logged */
};

/** New child without a start node. NULL: no RAM */
struct child *child_new(struct sandbox *sandbox, char const *name);
void child_delete(struct child *child);

/** Whether it serves, or will */
bool child_alive(struct child const *child);

struct child *child_by_name(struct sandbox *sandbox, char const *name);
struct child *child_of_node(struct list_node *node);

/** Label of its program's ROM session */
void child_binary(struct child const *child, char binary[CHILD_NAME]);

/** Bring it into CHILD_WAITING, RUNNING or FAILED */
void child_start(struct child *child);

/** Make 'next_policy' what counts */
void child_follow(struct child *child);

/** Let go of all that it has; what it served is gone */
void child_stop(struct child *child, enum child_state state);

/** Go on with the start if its own sessions (log, binary) were answered */
void child_answered(struct child *child);

/**
 * Adjust its quotas to its start node, and grant what it wants (quota.c)
 *
 * 'complain': log what is not possible.
 */
void child_adjust(struct child *child, bool complain);

/** Open its CPU session with the limits of its start node (limit.c) */
enum error child_open_cpu(struct child *child) MUST_USE;

/**
 * Let its CPU sessions have the limits of its start node
 *
 * False: it has to wait until others gave quota back. 'complain' then, too.
 */
bool child_limit(struct child *child, bool complain);

/** Let its threads, and its children's, go to the CPUs of its start node. False: no */
bool child_move(struct child *child);

/** Fill the account of its new domain. Returns NO_RAM, NO_CAPS */
enum error child_endow(struct child *child) MUST_USE;

/**
 * It asks for more. OK: it has it; AGAIN: 'available' will be signalled; DENIED
 */
enum error child_ask(struct child *child, uint64_t ram, uint64_t caps,
                     signal_cap_t available) MUST_USE;

/** The sandbox's account may have grown: grant what waits for that */
void child_grant(struct child *child);

/** Let its first thread call parent_attention */
void child_call(struct child *child);

/** Let 'work' visit it */
void child_touch(struct child *child);

/** One of its own sessions is not what it was */
void child_unsettle(struct child *child);

/** Deal with its exit or fault. True: it changed */
bool child_conclude(struct child *child);

/** Start it again if the time 'now' has come for it */
void child_restart_if_due(struct child *child, uint64_t now);

/**
 * Ask the own parent for more, for what the sandbox itself has to pay
 *
 * True: it is there. False: refused, or sandbox.available will be signalled.
 */
bool sandbox_ask(struct sandbox *sandbox, enum error reason, uint64_t ram,
                 uint64_t caps);

/** Whether its start node declares the service */
bool child_provides(struct child const *child, char const *service);

/** The announced service; NULL: not (yet) announced */
struct offer *child_offer(struct child *child, char const *service);

/** Operations of the parent interface (parent.c) */
extern struct parent_ops const child_parent_ops;

/** Whether its state is one that restarts may mend: it lacked means */
bool child_lacks(struct child const *child);

/** Name of the state, for reports */
char const *child_state_name(struct child const *child);
