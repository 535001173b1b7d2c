/* SPDX-License-Identifier: MIT */
/*
 * Start a thousand components, and end them again: twice one by one, then in
 * batches, by configurations of all of them
 *
 *     config | count: 1000 | batch: 50
 *
 * What a start costs is measured from the text of its start node, or of the new
 * configuration, to the moment when the component has opened a session here:
 * time-stamp counter, which counts instructions under ICOUNT=1. Accounts are
 * compared after the second round, when caches are as large as they get.
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/service.h>
#include <os/sandbox.h>
#include <rpc/step.h>
#include <util/container_of.h>
#include <util/format.h>

/* local */
#include "accounts.h"

static struct env      *the_env;
static struct sandbox   sandbox;
static struct accounts  before;
static unsigned         count, batch, round, started, arrived;
static uint64_t         began;
static char            *text;
static struct hid      *nodes;

enum { NODES_EACH = 4, TEXT_EACH = 80, HEAD = 512 };
enum { ROUNDS_ADDING = 2, ROUNDS = 3 };

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* -- arrivals -- */

static struct signal_handler next_handler;

static enum error op_say(struct rpc_object *object, char const *words)
{
	return ERROR_OK;
}

static struct step_ops const ops = { .say = op_say };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	step_object_init(&base->object, &ops);
	if (++arrived == started)
		return signal_submit(next_handler.cap);
	return ERROR_OK;
}

static struct service service = {
	.name = "Step", .session_size = sizeof(struct session_object),
	.create = create };
static struct sandbox_service local = { .service = &service };

/* -- configurations -- */

static void put_services(struct hid_writer *w)
{
	static char const *const names[] = { "LOG", "ROM", "PD", "CPU" };
	hid_begin(w, "parent-provides");
	for (unsigned i = 0; i < 4; i++) {
		hid_begin(w, "service");
		hid_put_name(w, names[i]);
		hid_end(w);
	}
	hid_end(w);
	hid_begin(w, "default-route");
	hid_begin(w, "any-service");
	hid_begin(w, "local");
	hid_begin(w, "parent");
	for (unsigned i = 0; i < 4; i++)
		hid_end(w);
}

static void put_start(struct hid_writer *w, unsigned i)
{
	char name[16];
	format_text(name, sizeof name, "leaf%u", i);
	hid_begin(w, "start");
	hid_put_name(w, name);
	hid_put_string(w, "binary", "leaf");
	hid_begin(w, "config");
	hid_put_bool(w, "tell", true);
	hid_end(w);
	hid_end(w);
}

static enum error configure(unsigned n)
{
	struct hid_document document = {
		.nodes = nodes, .capacity = NODES_EACH * count + 32 };
	struct hid_writer w;
	size_t length;
	began   = ticks();
	started = n;
	hid_writer_init(&w, text, HEAD + TEXT_EACH * count);
	hid_begin(&w, "config");
	put_services(&w);
	hid_begin(&w, "default");
	hid_put_size(&w, "ram", 192 * 1024);
	hid_put_uint(&w, "caps", 20);
	hid_end(&w);
	for (unsigned i = 0; i < n; i++)
		put_start(&w, i);
	hid_end(&w);
	enum error error = hid_finish(&w, &length);
	if (!error) error = hid_parse(&document, text, length, NULL);
	return error ? error : sandbox_configure(&sandbox, hid_top(&document));
}

/** One more, beside those that run */
static enum error add(void)
{
	static char own_text[TEXT_EACH + 16];
	static struct hid own_nodes[NODES_EACH];
	struct hid_document document = {
		.nodes = own_nodes, .capacity = NODES_EACH };
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, own_text, sizeof own_text);
	hid_begin(&w, "config");
	put_start(&w, started++);
	hid_end(&w);
	enum error error = hid_finish(&w, &length);
	if (!error) error = hid_parse(&document, own_text, length, NULL);
	return error ? error : sandbox_add(&sandbox, hid_top(&document));
}

static enum error remove_all(void)
{
	enum error error = ERROR_OK;
	for (; !error && started; started--) {
		char name[16];
		format_text(name, sizeof name, "leaf%u", started - 1);
		error = sandbox_remove(&sandbox, name);
	}
	return error;
}

/* -- rounds -- */

static bool adding(void)
{
	return round < ROUNDS_ADDING;
}

static enum error end_round(void)
{
	struct accounts now = before;
	uint64_t const start = ticks();
	enum error error = adding() ? remove_all() : configure(0);
	log_info("destroy_of_%u: %lu each", count, (ticks() - start) / count);
	if (!error) error = accounts_read(&now);
	for (unsigned i = 0; !error && round == 1 && i < ACCOUNTS; i++)
		if (now.value[i] != before.value[i]) {
			log_error("%s: %lu before, %lu now", account_name(i),
			          before.value[i], now.value[i]);
			error = ERROR_INVALID;
		}
	before  = now;
	arrived = 0;
	round++;
	return error;
}

/** Begin with what comes first in a round */
static enum error begin(void)
{
	began = ticks();
	return adding() ? add() : configure(batch);
}

static enum error go_on(void)
{
	if (arrived == count) {
		enum error const error = end_round();
		return error || round == ROUNDS ? error : begin();
	}
	if (!adding())
		return configure(arrived + batch);
	if (arrived % batch == 0)
		began = ticks();
	return add();
}

/** All that were started have arrived */
static void next(struct signal_handler *handler, uint64_t n)
{
	if (arrived % batch == 0)
		log_info("%s_behind_%u: %lu each",
		         adding() ? "start" : "configure", arrived - batch,
		         (ticks() - began) / batch);
	enum error const error = go_on();
	if (error || round == ROUNDS) {
		log_info("--- %u rounds of %u, %s ---", round, count,
		         error ? error_text(error) : "nothing lost");
		component_exit(the_env, error);
	}
}

enum error component_construct(struct env *env)
{
	the_env = env;
	count   = (unsigned)hid_uint(env->config, "count", 1000);
	batch   = (unsigned)hid_uint(env->config, "batch", 50);
	text    = heap_alloc(env->heap, HEAD + TEXT_EACH * count);
	nodes   = heap_alloc(env->heap, sizeof *nodes * (NODES_EACH * count + 32));
	next_handler.handle = next;
	if (!text || !nodes || !batch || count % batch)
		return ERROR_INVALID;
	enum error error = signal_handler_open(&next_handler, env->ep);
	if (!error) error = accounts_init(env);
	if (!error) error = sandbox_open(&sandbox, env);
	if (error)
		return error;
	sandbox_provide(&sandbox, &local);
	error = configure(0);
	return error ? error : begin();
}
