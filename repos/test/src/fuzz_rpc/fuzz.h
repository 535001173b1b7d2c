/* SPDX-License-Identifier: MIT */
/** What the parts of the interface fuzzer share */
#pragma once

#include <base/env.h>
#include <base/rpc_table.h>
#include <test/random.h>

enum { MEMBERS = 10, PRODUCERS = 12, RELATED = 4, VALUES = 6 };

/** Something to call or to send */
struct object {
	cap_t        cap;               /* 0: none any more */
	bool         kept;              /* never replaced, nor dropped */
	uint64_t     born;              /* greater is younger */
	uint64_t     related[RELATED];  /* what took part when it was made */
};

/** Objects of a type of capabilities, "rom_cap_t", by its first part */
struct kind {
	char const                 *name;
	size_t                      length;
	struct rpc_interface const *interface;  /* NULL: they answer no calls */
	struct operation           *producer[PRODUCERS];
	unsigned                    producers;
	struct object               member[MEMBERS];
	unsigned                    members;
};

/** What calls of an interface brought under a name, "id", lately */
struct value {
	struct rpc_interface const *interface;
	char const                 *name;
	uint64_t                    seen[VALUES];
	unsigned                    count;      /* ever */
};

/** How an argument is made */
struct maker {
	struct kind         *kind;   /* of a capability */
	struct value        *value;  /* of a scalar */
	struct range const  *range;  /* NULL: the name tells nothing */
};

struct operation {
	struct rpc_operation const *rpc;
	struct kind                *kind;       /* of what is called */
	struct maker               *maker;      /* one an argument */
	bool                        spared;     /* seldom called: it is slow */
	bool                        deadly;     /* could end component or machine */
	uint64_t                    results[N_ERRORS];
	uint64_t                    reached;    /* so that it answered itself */
};

/** A call on its way */
struct call {
	struct operation   *operation;           /* NULL: no such opcode */
	uint64_t            part[1 + RPC_CAPS];  /* objects: callee, then sent */
	unsigned            parts;
	struct kind        *session;             /* what parent_session asks for */
	uint64_t            first;               /* word sent */
	struct rpc_message  message;
};

extern struct random chance;

/* -- table.c: all operations in the tree -- */

extern struct operation operations[];
extern struct kind      kinds[];
extern unsigned         n_operations, n_kinds;

void table_open(void);
struct kind *kind_of(char const *name);
struct kind *kind_of_service(char const *service);
/** Which operation of that kind of objects an opcode means, or NULL */
struct operation *operation_of(struct kind const *kind, uint64_t opcode);

/* -- values.c -- */

/** Of scalars called 'name'; NULL: there is no place left */
struct value *value_of(struct rpc_interface const *interface, char const *name);
void values_forget(void);
void value_note(struct value *value, uint64_t seen);
struct range const *range_of(char const *name);
uint64_t scalar_any(struct rpc_argument const *argument,
                    struct maker const *maker);
char const *text_any(char const *name);

/* -- objects.c: what there is to work on -- */

/** One of that kind, or NULL */
struct object *object_of(struct kind *kind);
/** One to be sent in that call: mostly what the argument wants, NULL: null */
struct object *object_to_send(struct kind *kind, struct call const *call);
/** Its capability is the set's from then on; made by 'call', or NULL */
void object_add(struct kind *kind, cap_t cap, bool kept,
                struct call const *call);
void object_forget(struct kind *kind, struct object *object);
void objects_forget(void);
/** Who got our parent could exit in our name: only who may, may have it */
void objects_withhold(cap_t cap);

/* -- sessions.c -- */

/** 'own': its own domain, too; 'services': a session of each in the tree */
void sessions_open(struct env *env, bool own, bool services);
/** Give all back, and begin anew */
void sessions_renew(void);
unsigned sessions_renewals(void);
/** A session that the parent opened: it is closed when all is renewed */
void session_note(uint32_t id, struct kind *kind);
/** Of which kind the session is; NULL: unknown */
struct kind *session_kind(uint32_t id);

/* -- message.c -- */

/** A call of 'operation' as a stub could have made it */
void message_encode(struct call *call, struct operation *operation,
                    struct object const *callee);
/** Make it wrong in a way that no stub would */
void message_distort(struct rpc_message *message);
/** Keep what a successful call brought */
void message_decode(struct call const *call);

/* -- results.c -- */

void result_note(struct operation *operation, enum error error);
uint64_t results_reached(void);
/** A line for each operation that was called, or for all of them */
void results_print(bool all);
