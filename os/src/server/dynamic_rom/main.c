/* SPDX-License-Identifier: MIT */
/*
 * Dynamic ROM: modules whose content changes by the clock, for tests and demos
 *
 *     + rom settings
 *       + at | after_ms: 0
 *         + config | size: small
 *       + at | after_ms: 500
 *         + config | size: large
 *
 * Each 'at' holds one node, which is the module's content from that time on,
 * counted from the server's start. A session reads the module that the last
 * part of its label names; its copy is on its client's account.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/service.h>
#include <rpc/rom.h>
#include <util/container_of.h>
#include <util/minmax.h>
#include <util/string.h>

struct rom {
	struct session_object base;
	struct hid const     *module;
	dataspace_cap_t       copy;
	signal_cap_t          changed;
};

static struct env    *the_env;
static struct service roms;
static uint64_t       started;

static struct rom *rom_of(struct rpc_object *object)
{
	return container_of(object, struct rom, base.object);
}

static uint64_t time_of(struct hid const *at)
{
	return started + hid_uint(at, "after_ms", 0) * 1000;
}

/** Content of now; NULL: none yet */
static struct hid const *content(struct hid const *module)
{
	uint64_t const now = clock_us();
	struct hid const *found = NULL;
	for (struct hid const *at = NULL; (at = hid_next(module, at, "at"));)
		if (time_of(at) <= now)
			found = at;
	return hid_next(found, NULL, NULL);
}

static size_t write_content(struct hid const *node, char *buffer, size_t size)
{
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, buffer, size);
	hid_put_node(&w, node);
	error_ignore(hid_finish(&w, &length), "the size was asked for before");
	return length;
}

static enum error op_dataspace(struct rpc_object *object, dataspace_cap_t *ds,
                               uint64_t *size)
{
	struct rom *const rom = rom_of(object);
	struct hid const *const node = content(rom->module);
	void *at;
	if (!node)
		return ERROR_NOT_FOUND;
	if (rom->copy.cap)
		session_ram_free(&rom->base, rom->copy);
	rom->copy.cap = 0;

	size_t const length = write_content(node, NULL, 0);
	enum error error = session_ram_alloc(&rom->base, length, &rom->copy);
	if (!error)
		error = ram_attach(the_env, rom->copy, true, &at);
	if (error)
		return error;
	write_content(node, at, length);
	ram_detach(the_env, at);
	*ds   = rom->copy;
	*size = length;
	return ERROR_OK;
}

static enum error op_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct rom *const rom = rom_of(object);
	cap_drop(rom->changed.cap);
	cap_keep(handler.cap);
	rom->changed = handler;
	return ERROR_OK;
}

static struct rom_ops const ops = {
	.dataspace = op_dataspace, .changed = op_changed };

/** What stands behind the last " -> " */
static char const *last_part(char const *label)
{
	char const *last = label;
	for (; *label; label++)
		if (string_starts(label, " -> "))
			last = label + 4;
	return last;
}

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	struct rom *const rom = container_of(base, struct rom, base);
	char const *const name = last_part(request->label);
	rom_object_init(&base->object, &ops);
	for (struct hid const *m = NULL;
	     (m = hid_next(the_env->config, m, "rom"));)
		if (hid_equals(m, "name", name))
			rom->module = m;
	return rom->module ? ERROR_OK : ERROR_NOT_FOUND;
}

static void destroy(struct service *service, struct session_object *base)
{
	cap_drop(container_of(base, struct rom, base)->changed.cap);
}

static struct service roms = {
	.name = "ROM", .session_size = sizeof(struct rom), .create = create,
	.destroy = destroy,
};

/** Be woken at the next change of any module */
static void set_timer(struct signal_handler *handler)
{
	uint64_t const now = clock_us();
	uint64_t next = UINT64_MAX;
	for (struct hid const *at = NULL;
	     (at = hid_next_below(the_env->config, at, "at"));)
		if (time_of(at) > now)
			next = min(next, time_of(at));
	error_ignore(signal_handler_at(handler, next), "own handler");
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	for (struct session_object *s = NULL; (s = service_next(&roms, s));) {
		struct rom *const rom = container_of(s, struct rom, base);
		if (rom->changed.cap)
			error_ignore(signal_submit(rom->changed), "it is gone");
	}
	set_timer(handler);
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	the_env = env;
	started = clock_us();
	enum error error = signal_handler_open(&ticker, env->ep);
	if (!error) error = service_announce(&roms, env);
	if (!error) set_timer(&ticker);
	return error;
}
