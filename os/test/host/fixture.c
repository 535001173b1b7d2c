/* SPDX-License-Identifier: MIT */
/* What the cases share */

#include "fixture.h"

struct sandbox      sandbox;
int                 exit_value;
unsigned            state_calls;
void              (*reaction)(void);
signal_cap_t const  none, signal_a = { 501 }, signal_b = { 502 };

static struct service  here  = { .name = "Here" };
struct sandbox_service local = { .service = &here };

char const pair[] =
	"config\n" PARENT_PROVIDES
	"+ start server\n"
	"  + provides | + service Hello\n"
	"+ start client\n"
	"-";

static void on_exit(struct sandbox *s, int value) { exit_value = value; }
static void on_state(struct sandbox *s)
{
	state_calls++;
	if (reaction)
		reaction();
}

static struct sandbox_ops const ops = { .state = on_state, .exit = on_exit };

enum error change(char const *text)
{
	static struct hid nodes[200];
	struct hid_document d = { .nodes = nodes,
	                          .capacity = array_length(nodes) };
	struct hid_error problem;
	if (hid_parse(&d, text, strlen(text), &problem))
		printf("line %u: %s\n", problem.line, problem.text);
	fake_log[0] = 0;
	return sandbox_configure(&sandbox, hid_top(&d));
}

enum error configure(char const *text)
{
	enum error const error = change(text);
	fake_run();
	return error;
}

void begin(char const *text)
{
	fake_reset();
	sandbox = (struct sandbox) { .ops = &ops };
	exit_value = -1;
	reaction = NULL;
	CHECK(sandbox_open(&sandbox, &fake_env) == ERROR_OK);
	sandbox_provide(&sandbox, &local);
	CHECK(configure(text) == ERROR_OK);
	if (fake_log[0])
		printf("%s", fake_log);
}

void check_accounts(void)
{
	CHECK(fake_total_ram() == FAKE_RAM);
	CHECK(fake_total_caps() == FAKE_CAPS);
}

void finish(void)
{
	check_accounts();
	sandbox_close(&sandbox);
	check_accounts();
	CHECK(fake_pds[0].ram == FAKE_RAM && fake_pds[0].caps == FAKE_CAPS);
	CHECK(fake_held() == 0);
	CHECK(fake_allocated() == 0);
}

struct child *child(char const *name)
{
	return child_by_name(&sandbox, name);
}

struct fake_pd *pd(char const *name)
{
	return &fake_pds[child(name)->pd.cap.cap - 1];
}

enum child_state state(char const *name) { return child(name)->state; }

/* -- the parent interface, as a child calls it -- */

struct answer ask_for(char const *name, char const *service,
                      char const *label, char const *text, uint64_t ram,
                      signal_cap_t changed)
{
	struct parent_donation const donation = { .ram = ram, .caps = 4,
	                                          .losable = changed.cap };
	struct answer a = { 0 };
	object_cap_t cap = { 0 };
	a.error = child_parent_ops.session(&child(name)->parent, service, label,
	                                   text, &donation, changed, &a.id,
	                                   &a.pending, &cap);
	a.cap = cap.cap;
	return a;
}

struct answer ask(char const *name, char const *service,
                  char const *label, uint64_t ram, signal_cap_t changed)
{
	return ask_for(name, service, label, "", ram, changed);
}

enum error session_state_of(char const *name, uint32_t id)
{
	object_cap_t cap = { 0 };
	return child_parent_ops.session_state(&child(name)->parent, id, &cap);
}

enum error close_session(char const *name, uint32_t id)
{
	return child_parent_ops.close(&child(name)->parent, id);
}

enum error announce(char const *name, char const *service,
                    signal_cap_t requests)
{
	return child_parent_ops.announce(&child(name)->parent, service, requests);
}

struct request fetch(char const *name)
{
	struct request r = { 0 };
	r.error = child_parent_ops.request(&child(name)->parent, &r.info,
	                                   r.service, r.label, r.text,
	                                   &r.behind);
	return r;
}

enum error deliver(char const *name, uint32_t id, cap_t cap)
{
	return child_parent_ops.deliver(&child(name)->parent, id,
	                                (object_cap_t) { cap });
}

enum error respond(char const *name, uint32_t id, enum error reason)
{
	return child_parent_ops.respond(&child(name)->parent, id,
	                                (uint32_t)reason);
}

enum error exit_child(char const *name, int value)
{
	return child_parent_ops.exit(&child(name)->parent, value);
}

struct answer open_hello(void)
{
	struct answer const a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(!announce("server", "Hello", signal_b));
	CHECK(!fetch("server").error && !deliver("server", a.id, SESSION_CAP));
	fake_signals(signal_a.cap);
	return a;
}

void random_call(char const *name)
{
	static char const *const services[] = { "Hello", "ROM", "Slow", "Here" };
	static char const *const labels[] = { "", "config", "missing", "x" };
	uint32_t const id = sandbox.last_id - test_random(12);
	struct child *const c = child(name);
	if (!c || c->state != CHILD_RUNNING)
		return;
	switch (test_random(16)) {
	case 0: case 1: case 2: case 3:
		ask(name, services[test_random(4)], labels[test_random(4)],
		    test_random(100000), test_random(2) ? signal_a : none);
		break;
	case 4: case 5: close_session(name, id); break;
	case 6: case 7: fetch(name); break;
	case 8: deliver(name, id, SESSION_CAP); break;
	case 9: respond(name, id, (enum error)test_random(30)); break;
	case 10:
		session_state_of(name, id);
		error_ignore(child_parent_ops.move(&c->parent, id, test_random(3),
		             test_random(3)), "any");
		break;
	case 11: announce(name, "Hello", signal_b); break;
	case 12:
		error_ignore(child_parent_ops.upgrade(&c->parent, id,
		             test_random(100000), test_random(3)), "any");
		break;
	case 13:
		error_ignore(child_parent_ops.resource_request(&c->parent,
		             test_random(100000), test_random(3), signal_a), "any");
		error_ignore(child_parent_ops.yield_response(&c->parent), "any");
		break;
	case 14: fake_answer((enum error)test_random(3)); break;
	case 15:
		if (!test_random(20))
			exit_child(name, 0);
	}
}
