/* SPDX-License-Identifier: MIT */
/**
 * One sandbox on the simulated core, and its children as they call their parent
 *
 * A case is from begin to finish, which looks whether all means came back.
 */
#pragma once

/* public */
#include <base/hid.h>
#include <os/sandbox.h>
#include <rpc/parent.h>
#include <stdio.h>
#include <test.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "connection.h"
#include "fake_core.h"

extern struct sandbox sandbox;
extern int            exit_value;       /* propagated by a child, -1: none */
extern unsigned       state_calls;
extern void         (*reaction)(void);  /* of the embedder, to a new state */

/** What the embedder serves itself: "Here" */
extern struct sandbox_service local;

/** Signals of children, and a name for what servers deliver */
extern signal_cap_t const none, signal_a, signal_b;
enum { SESSION_CAP = 510 };

#define PARENT_PROVIDES \
	"+ parent-provides\n" \
	"  + service LOG\n" \
	"  + service ROM\n" \
	"  + service PD\n" \
	"  + service CPU\n" \
	"  + service Slow\n" \
	"+ default | ram: 1M | caps: 100\n" \
	"+ default-route | + any-service | + parent | + any-child\n"

/** A configuration of "server" with Hello, and "client" */
extern char const pair[];

void begin(char const *text);
void finish(void);
enum error configure(char const *text);
enum error change(char const *text);    /* no signal is handled yet */
void check_accounts(void);

struct child *child(char const *name);
struct fake_pd *pd(char const *name);
enum child_state state(char const *name);

/* -- the parent interface -- */

struct answer { enum error error; uint32_t id; bool pending; cap_t cap; };

struct answer ask_for(char const *name, char const *service, char const *label,
                      char const *text, uint64_t ram, signal_cap_t changed);
struct answer ask(char const *name, char const *service, char const *label,
                  uint64_t ram, signal_cap_t changed);
enum error session_state_of(char const *name, uint32_t id);
enum error close_session(char const *name, uint32_t id);
enum error announce(char const *name, char const *service,
                    signal_cap_t requests);

struct request {
	enum error error;
	struct parent_request_info info;
	char service[32], label[128], text[160];
	object_cap_t behind;
};

struct request fetch(char const *name);
enum error deliver(char const *name, uint32_t id, cap_t cap);
enum error respond(char const *name, uint32_t id, enum error reason);
enum error exit_child(char const *name, int value);

/** An open session of the client in 'pair' */
struct answer open_hello(void);

/** Any call that a child of that name could make */
void random_call(char const *name);

/* -- cases, by topic -- */

struct test_table { struct test_case const *cases; size_t count; };
extern struct test_table const test_config, test_session, test_life, test_trade,
                               test_change, test_behind, test_hostile;
