/* SPDX-License-Identifier: MIT */
/*
 * Property: an object has one name in a domain, however often it is received,
 * and its owner recognises it; a name lives as long as it was received more often
 * than given back; dead names stay dead although their index is used again;
 * names cannot be guessed; an empty account is an error. A server gets no other
 * capabilities than those that it is given.
 */

/* public */
#include <session/rm.h>
#include <util/bits.h>

/* local */
#include "test.h"

enum { MANY = 300 };

static struct entrypoint *ep, *other_ep;
static struct rpc_object  echo_object, echo_other;

/* -- a server that gives back what it gets, one for keeping -- */

static cap_t    kept[MANY];
static unsigned n_kept;
static int      echo_ops;

enum tag { ECHO, KEEP, DROP, FIND, GO_ON, COUNT };

/* tag of core's replies that want the call again (base/internal/rpc.h) */
enum { AGAIN_TAG = N_ERRORS };

static unsigned counted; /* capabilities that came when it was called again */

static enum error serve(struct rpc_object *object, struct rpc_message *m)
{
	switch ((enum tag)m->tag) {
	case ECHO: /* all capabilities and words go back */
		break;
	case KEEP:
		cap_keep(m->cap[0]);
		kept[n_kept++] = m->cap[0];
		m->word[0] = m->cap[0];
		m->words = 1;
		m->caps = 0;
		break;
	case DROP:
		while (n_kept)
			cap_drop(kept[--n_kept]);
		m->words = m->caps = 0;
		break;
	case FIND: /* which of its objects is it? */
		m->word[0] = (uint64_t)rpc_object_find(object->ep, m->cap[0], &echo_ops);
		m->words = 1;
		m->caps = 0;
		break;
	case GO_ON: /* call again with so many capabilities and words */
		m->word[1] = m->word[0];
		m->word[0] = COUNT;
		m->words = 2;
		m->caps = 0;
		return (enum error)AGAIN_TAG;
	case COUNT:
		counted += m->caps;
		m->words = m->caps = 0;
		break;
	}
	return ERROR_OK;
}

static enum error ask(enum tag tag, cap_t const *send, unsigned n,
                      struct rpc_message *m)
{
	m->tag = tag;
	m->words = 0;
	m->caps = n;
	for (unsigned i = 0; i < n; i++)
		m->cap[i] = send[i];
	return rpc_call(echo_object.cap, m, RPC_CAPS);
}

static void open(void)
{
	ep = server_open("server", 0, 0);
	other_ep = server_open("other", 1, 0);
	server_object(&echo_object, ep, serve);
	server_object(&echo_other, other_ep, serve);
}

static void close(void)
{
	entrypoint_close(ep);
	entrypoint_close(other_ep);
}

/* -- steps -- */

static void identity(void)
{
	open();
	struct rpc_message m;
	cap_t const four[] = { test_env->pd.cap, test_env->pd.cap,
	                       test_env->cpu.cap, 0 };
	for (unsigned i = 0; i < 100; i++) {
		check_ok(ask(ECHO, four, 4, &m));
		check(m.caps == 4, "%u capabilities came back", m.caps);
		for (unsigned k = 0; k < 4; k++) {
			check(m.cap[k] == four[k], "capability %u: %lx became %lx", k,
			      four[k], m.cap[k]);
			cap_drop(m.cap[k]);
		}
	}
	/* core's objects, asked for twice */
	rm_cap_t a, b;
	check_ok(pd_address_space(test_env->pd, &a));
	check_ok(pd_address_space(test_env->pd, &b));
	check(cap_same(a, b) && cap_same(a, test_env->rm), "names %lx %lx %lx",
	      a.cap, b.cap, test_env->rm.cap);
	cap_drop(a.cap);
	cap_drop(b.cap);
	check(cap_alive(test_env->rm.cap), "the first reception is gone, too");
	close();
}

static void recognised(void)
{
	open();
	struct rpc_object mine = { .dispatch = serve, .ops = &echo_ops };
	struct rpc_object other = { .dispatch = serve };
	struct rpc_message m;
	check_ok(rpc_object_open(&mine, ep));
	check_ok(rpc_object_open(&other, ep));
	check_ok(ask(FIND, &mine.cap, 1, &m));
	check(m.word[0] == (uint64_t)&mine, "own object is not recognised");
	check_ok(ask(FIND, &other.cap, 1, &m));
	check(!m.word[0], "an object of other operations is recognised");
	check_ok(ask(FIND, &echo_other.cap, 1, &m));
	check(!m.word[0], "an object of another entrypoint is recognised");
	check_ok(ask(FIND, &test_env->pd.cap, 1, &m));
	check(!m.word[0], "core's object is recognised");
	rpc_object_close(&mine);
	rpc_object_close(&other);
	close();
}

/** A name is alive until it was dropped as often as it was received */
static void receptions(void)
{
	open();
	struct rpc_message m;
	object_cap_t portal;
	thread_cap_t const thread = { 0 };
	check_error(pd_portal_create(test_env->pd, thread, 1, &portal),
	            ERROR_INVALID);
	struct rpc_object object;
	server_object(&object, ep, serve);
	cap_t const name = object.cap;
	for (unsigned i = 0; i < 50; i++) {
		check_ok(ask(KEEP, &name, 1, &m));
		check(m.word[0] == name, "the same domain has two names");
	}
	check_ok(ask(DROP, NULL, 0, &m));
	check(cap_alive(name), "dropped more often than received");
	rpc_object_close(&object);
	check(!cap_alive(name), "alive after its object's end");
	/* GONE would be the server's end: a dead argument is the sender's error */
	check_error(ask(ECHO, &name, 1, &m), ERROR_INVALID);
	close();
}

/** Indices are used again, names never */
static void generations(void)
{
	open();
	cap_t former[MANY];
	unsigned reused = 0;
	struct rpc_message m;
	for (unsigned i = 0; i < MANY; i++) {
		struct rpc_object object;
		uint64_t word = 0;
		server_object(&object, ep, serve);
		former[i] = object.cap;
		for (unsigned k = 0; k < i; k++) {
			check(former[k] != object.cap, "name %lx again", object.cap);
			reused += (uint32_t)former[k] == (uint32_t)object.cap;
			if (i % 16)
				continue;
			check(!cap_alive(former[k]), "%lx is alive again", former[k]);
			check_error(server_call(former[k], &word), ERROR_GONE);
			cap_drop(former[k]); /* must not hit the new one */
		}
		check(cap_alive(object.cap), "the new one died with an old name");
		check_ok(server_call(object.cap, &word));
		rpc_object_close(&object);
	}
	check(reused, "no index was used again: nothing was tested");
	check_error(ask(ECHO, &former[0], 1, &m), ERROR_INVALID);
	check_error(signal_submit((signal_cap_t) { former[1] }), ERROR_GONE);
	close();
}

/** Whatever is not a name that we were given leads nowhere */
static void guessing(void)
{
	open();
	uint64_t seed = 815;
	unsigned alive = 0;
	for (uint64_t index = 0; index < 40000; index++)
		for (uint64_t generation = 0; generation < 3; generation++)
			alive += cap_alive(generation << 32 | index);
	/* ours: a few sessions, threads, objects, signals; not hundreds */
	check(alive >= 8 && alive < 64, "%u names of 120000 are alive", alive);
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t name = test_random(&seed);
		if (i % 2) /* close to a living one: other generations, other bits */
			name = echo_object.cap ^ bit((unsigned)(name % 32 + 32));
		uint64_t word = 1;
		check(!cap_alive(name), "%lx is alive", name);
		enum error const error = server_call(name, &word);
		check(error == ERROR_GONE || error == ERROR_INVALID, "call of %lx: %s",
		      name, error_text(error));
		cap_drop(name);
	}
	check(cap_alive(echo_object.cap), "killed by a guess");
	close();
}

/** Signals cannot be called, portals not be signalled, neither destroyed by all */
static void rights(void)
{
	open();
	signal_cap_t signal;
	uint64_t word = 0;
	check_ok(thread_signal(test_env, &signal));
	check_error(server_call(signal.cap, &word), ERROR_INVALID);
	check_error(signal_submit((signal_cap_t) { echo_object.cap }),
	            ERROR_INVALID);
	check_error(pd_object_destroy(test_env->pd,
		(object_cap_t) { test_env->cpu.cap }), ERROR_INVALID);
	check_error(pd_object_destroy(test_env->pd,
		(object_cap_t) { test_env->parent.cap }), ERROR_INVALID);
	check(cap_alive(test_env->cpu.cap), "a foreign object was destroyed");
	thread_signal_close(test_env, &signal);
	close();
}

/** The account is the limit; where it ends nothing is lost */
static void exhaustion(void)
{
	open();
	static struct rpc_object objects[1000];
	struct pd_account account = test_account();
	uint64_t const room = account.caps_limit - account.caps_used;
	enum error error = ERROR_OK;
	unsigned n = 0;
	check(room < 1000, "too much for a test: %lu", room);
	for (; n < 1000; n++) {
		objects[n] = (struct rpc_object) { .dispatch = serve };
		if ((error = rpc_object_open(&objects[n], ep)))
			break;
	}
	check_error(error, ERROR_NO_CAPS);
	check(n == room, "%u objects for %lu capabilities", n, room);
	signal_cap_t signal;
	dataspace_cap_t ds;
	check_error(thread_signal(test_env, &signal), ERROR_NO_CAPS);
	check_error(pd_ram_alloc(test_env->pd, 4096, 0, &ds), ERROR_NO_CAPS);
	uint64_t word = 0;
	check_ok(server_call(objects[n - 1].cap, &word));
	rpc_object_close(&objects[--n]);
	check_ok(thread_signal(test_env, &signal));
	thread_signal_close(test_env, &signal);
	while (n)
		rpc_object_close(&objects[--n]);
	close();
}

/** A call that brings more than the window is the sender's error */
static void window(void)
{
	open();
	struct rpc_message m;
	cap_t const two[] = { test_env->pd.cap, test_env->cpu.cap };
	m.tag = ECHO;
	m.words = 0;
	m.caps = 2;
	m.cap[0] = two[0];
	m.cap[1] = two[1];
	/* the reply has two, we take one: the server's mistake, we get an error */
	check_error(rpc_call(echo_object.cap, &m, 1), ERROR_WINDOW);
	check_ok(ask(ECHO, two, 2, &m));
	cap_drop(m.cap[0]);
	cap_drop(m.cap[1]);
	close();
}

/** What 'go_on' asks for is sent once more, if it was given before */
static enum error go_on(uint32_t caps, uint64_t counts)
{
	/* names that stand behind what is sent, as on any stack */
	struct rpc_message m = {
		.tag = GO_ON, .words = 1, .caps = caps, .word = { counts },
		.cap = { test_env->pd.cap, test_env->cpu.cap,
		         test_env->pd.cap, test_env->cpu.cap },
	};
	counted = 0;
	return rpc_call(echo_object.cap, &m, RPC_CAPS);
}

static void called_again(void)
{
	static struct { uint32_t caps; uint64_t counts; } const lies[] = {
		{ 0, 1ul << 32 }, { 0, 4ul << 32 }, { 1, 2ul << 32 },
		{ 3, 1ul << 32 }, { 0, ~0ul << 32 }, { 0, ~0ul }, { 1, 1 },
	};
	open();
	check_ok(go_on(0, 0));
	check_ok(go_on(3, 0));
	check(!counted, "%u capabilities came, none was asked for", counted);
	check_ok(go_on(3, 3ul << 32));
	check(counted == 3, "%u capabilities came instead of 3", counted);
	for (unsigned i = 0; i < sizeof lies / sizeof *lies; i++) {
		check_error(go_on(lies[i].caps, lies[i].counts), ERROR_CORRUPT);
		check(!counted, "lie %u: %u capabilities came", i, counted);
	}
	close();
}

static struct test_step const steps[] = {
	{ "identity", identity }, { "own objects", recognised },
	{ "receptions", receptions }, { "generations", generations },
	{ "guessing", guessing }, { "rights", rights },
	{ "exhaustion", exhaustion }, { "window", window },
	{ "called again", called_again },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
