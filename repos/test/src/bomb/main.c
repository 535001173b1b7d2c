/* SPDX-License-Identifier: MIT */
/*
 * Fork bomb: a sandbox that starts bombs with all that it has, and takes what is
 * left itself
 *
 *     config | width: 3
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/service.h>
#include <os/sandbox.h>
#include <session/pd.h>
#include <util/format.h>
#include <util/minmax.h>

enum {
	RAM_KEPT  = 96 * 1024, RAM_OVERHEAD  = 128 * 1024, RAM_MIN  = 32 * 1024,
	CAPS_KEPT = 10,        CAPS_OVERHEAD = 30,         CAPS_MIN = 4,
};

static struct sandbox sandbox;

static uint64_t share(uint64_t limit, uint64_t used, uint64_t kept,
                      uint64_t overhead, uint64_t least, uint64_t width)
{
	uint64_t const there = limit - used;
	uint64_t const each  = there > kept ? (there - kept) / width : 0;
	return max(each > overhead ? each - overhead : 0, least);
}

static void write(struct hid_writer *w, struct pd_account const *a,
                  uint64_t width)
{
	static char const *const services[] = { "LOG", "ROM", "PD", "CPU" };
	hid_begin(w, "config");
	hid_begin(w, "parent-provides");
	for (unsigned i = 0; i < 4; i++) {
		hid_begin(w, "service");
		hid_put_name(w, services[i]);
		hid_end(w);
	}
	hid_end(w);
	hid_begin(w, "default-route");
	hid_begin(w, "any-service");
	hid_begin(w, "parent");
	hid_end(w);
	hid_end(w);
	hid_end(w);
	for (uint64_t i = 0; i < width; i++) {
		char name[8];
		format_text(name, sizeof name, "%lu", i);
		hid_begin(w, "start");
		hid_put_name(w, name);
		hid_put_string(w, "binary", "bomb");
		hid_put_uint(w, "ram", share(a->ram_limit, a->ram_used, RAM_KEPT,
		                             RAM_OVERHEAD, RAM_MIN, width));
		hid_put_uint(w, "caps", share(a->caps_limit, a->caps_used,
		                              CAPS_KEPT, CAPS_OVERHEAD,
		                              CAPS_MIN, width));
		hid_end(w);
	}
	hid_end(w);
}

static enum error explode(struct env *env, uint64_t width)
{
	static char text[2048];
	static struct hid nodes[64];
	struct hid_document document = { .nodes = nodes, .capacity = 64 };
	struct pd_account account;
	struct hid_writer w;
	size_t length;

	enum error error = pd_account(env->pd, &account);
	if (error)
		return error;
	hid_writer_init(&w, text, sizeof text);
	write(&w, &account, width);
	error = hid_finish(&w, &length);
	if (!error) error = hid_parse(&document, text, length, NULL);
	if (!error) error = sandbox_open(&sandbox, env);
	if (!error) error = sandbox_configure(&sandbox, hid_top(&document));
	return error;
}

enum error component_construct(struct env *env)
{
	error_ignore(explode(env, hid_uint(env->config, "width", 3)),
	             "it did what it could");
	while (heap_alloc(env->heap, 4096))
		;
	return ERROR_OK;
}
