/* SPDX-License-Identifier: MIT */
/** What the parts of the interface fuzzer share */
#pragma once

#include <base/env.h>
#include <base/rpc_table.h>
#include <test/random.h>

/** Something to call or to send */
struct object {
	cap_t                       cap;
	struct rpc_interface const *interface;  /* NULL: answers no calls */
	bool                        kept;       /* never replaced */
	uint64_t                    born;       /* greater is younger */
};

extern struct random chance;

/* -- objects.c: what there is to work on -- */

/** 'own': its own domain, too; 'services': a session of each in the tree */
void objects_open(struct env *env, bool own, bool services);
/** Give all back, and begin anew */
void objects_renew(void);
unsigned objects_renewals(void);

/** Of the kinds that matter, sessions of servers half of the time; never NULL */
struct object *object_any(void);
/** One of this interface, or NULL */
struct object *object_of(struct rpc_interface const *interface);
/** To be sent: mostly what an argument of that type wants */
cap_t object_to_send(char const *type);

void object_add(cap_t cap, char const *interface, bool kept);
void object_forget(struct object *object);
/** A session that the parent opened: it is closed when all is renewed */
void objects_note_session(uint32_t id);

/* -- message.c -- */

/** A call of 'operation' as a stub could have made it */
void message_encode(struct rpc_message *message,
                    struct rpc_operation const *operation);
/** Make it wrong in a way that no stub would */
void message_distort(struct rpc_message *message);

/* -- results.c -- */

void results_note(struct rpc_interface const *interface, unsigned operation,
                  enum error error);
/** How often an operation was reached, so that it was its own error, or none */
uint64_t results_reached(struct rpc_interface const *interface,
                         unsigned operation);
uint64_t results_reached_all(void);
/** A line for each operation that was called, or for all of them */
void results_print(bool all);
