/* SPDX-License-Identifier: MIT */
/*
 * Dynamic ROM: modules whose content changes by and by, for tests and demos
 *
 *     + rom settings
 *       + at | + config | size: small
 *       + at | after_ms: 500 | readers: 2
 *         + config | size: large
 *
 * Each 'at' holds one node. The first is the module's content at first, each
 * further one that long after the content before it was read, by so many sessions
 * (one). A session reads the module that the last part of its label names; its
 * copy is on its client's account.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/service.h>
#include <os/config_number.h>
#include <rpc/rom.h>
#include <util/container_of.h>
#include <util/minmax.h>
#include <util/string.h>

enum { MODULES = 16 };

struct module {
	struct hid const *node, *at;
	uint64_t          next_us;     /* when the next content is due; 0: unread */
	uint64_t          readers;     /* sessions that read what it is now */
};

struct rom {
	struct session_object base;
	struct module        *module;
	dataspace_cap_t       copy;
	signal_cap_t          changed;
	bool                  read;     /* what the module is now */
};

static struct env    *the_env;
static struct service roms;
static struct module  modules[MODULES];
static unsigned       n_modules;

static void tick(struct signal_handler *handler, uint64_t count);
static struct signal_handler ticker = { .handle = tick };

static struct rom *rom_of(struct rpc_object *object)
{
	return container_of(object, struct rom, base.object);
}

/** Be woken at the next change of any module */
static void set_timer(void)
{
	uint64_t next = UINT64_MAX;
	for (unsigned i = 0; i < n_modules; i++)
		if (modules[i].next_us)
			next = min(next, modules[i].next_us);
	error_ignore(signal_handler_at(&ticker, next), "own handler");
}

/** The content is read: from now on the time counts for the next one */
static void note_read(struct rom *rom)
{
	struct module *const module = rom->module;
	struct hid const *const next = hid_next(module->node, module->at, "at");
	module->readers += !rom->read;
	rom->read = true;
	if (module->next_us || !next
	    || module->readers < hid_uint(next, "readers", 1))
		return;
	module->next_us = clock_us() + config_ms(next, "after_ms", 0, 0);
	set_timer();
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
	struct hid const *const node = hid_next(rom->module->at, NULL, NULL);
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
	note_read(rom);
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
	for (unsigned i = 0; i < n_modules; i++)
		if (hid_equals(modules[i].node, "name", name))
			rom->module = &modules[i];
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

static void notify(struct module *module)
{
	module->next_us = module->readers = 0;
	for (struct session_object *s = NULL; (s = service_next(&roms, s));) {
		struct rom *const rom = container_of(s, struct rom, base);
		if (rom->module != module)
			continue;
		rom->read = false;
		if (rom->changed.cap)
			error_ignore(signal_submit(rom->changed), "it is gone");
	}
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	uint64_t const now = clock_us();
	for (unsigned i = 0; i < n_modules; i++) {
		struct module *const m = &modules[i];
		if (!m->next_us || m->next_us > now)
			continue;
		m->at = hid_next(m->node, m->at, "at");
		notify(m);
	}
	set_timer();
}

static enum error read_config(struct env *env)
{
	for (struct hid const *m = NULL; (m = hid_next(env->config, m, "rom"));) {
		if (n_modules == MODULES) {
			log_error("config, line %u: more than %u ROMs", m->line,
			          (unsigned)MODULES);
			return ERROR_LIMIT;
		}
		modules[n_modules++] = (struct module) {
			.node = m, .at = hid_next(m, NULL, "at") };
	}
	return ERROR_OK;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = read_config(env);
	if (!error) error = signal_handler_open(&ticker, env->ep);
	if (!error) error = service_announce(&roms, env);
	return error;
}
