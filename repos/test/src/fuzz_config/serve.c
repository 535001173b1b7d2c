/* SPDX-License-Identifier: MIT */
/* What the children of the sandbox get from us */

/* public */
#include <base/heap.h>
#include <rpc/log.h>
#include <rpc/rom.h>
#include <rpc/system.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "generate.h"
#include "serve.h"

struct serve_seen serve_seen;

static char subject[SERVE_NAME], expected[SERVE_NAME];

static struct session_object *session_of(struct rpc_object *object)
{
	return container_of(object, struct session_object, object);
}

/* -- ROM: two pieces of memory by turns, as the former one may still be read -- */

static struct { dataspace_cap_t ds; char *at; size_t size; } contents[2];
static unsigned newest;

struct rom { struct session_object base; signal_cap_t changed; };

/** The first one; a subject may be told to open the same ROM for other reasons */
static struct rom *configuration;

static struct rom *rom_of(struct rpc_object *object)
{
	return container_of(object, struct rom, base.object);
}

static enum error rom_op_dataspace(struct rpc_object *object,
                                   dataspace_cap_t *ds, uint64_t *size)
{
	*ds   = contents[newest].ds;
	*size = contents[newest].size;
	serve_seen.fetched |= rom_of(object) == configuration;
	return ERROR_OK;
}

static enum error rom_op_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct rom *const rom = rom_of(object);
	cap_keep(handler.cap);
	cap_drop(rom->changed.cap);
	rom->changed = handler;
	serve_seen.watches |= rom == configuration;
	return ERROR_OK;
}

static struct rom_ops const rom_ops = {
	.dataspace = rom_op_dataspace, .changed = rom_op_changed };

static enum error rom_create(struct service *service, struct session_object *base,
                             struct session_request const *request)
{
	rom_object_init(&base->object, &rom_ops);
	if (!configuration)
		configuration = container_of(base, struct rom, base);
	return ERROR_OK;
}

static void rom_destroy(struct service *service, struct session_object *base)
{
	cap_drop(container_of(base, struct rom, base)->changed.cap);
}

/* -- LOG -- */

static bool contains(char const *text, char const *part)
{
	for (; *text; text++)
		if (string_starts(text, part))
			return true;
	return false;
}

/** "error: ROM config, line 3: …" */
static void note_refusal(char const *text)
{
	static char const refusal[] = "error: ROM config, line ";
	uint64_t line = 0;
	size_t digits = 0;
	if (!string_starts(text, refusal))
		return;
	char const *const number = text + sizeof refusal - 1;
	while (number[digits] >= '0' && number[digits] <= '9')
		digits++;
	serve_seen.refused = string_number(number, digits, &line);
	serve_seen.line    = (uint32_t)line;
}

static enum error log_op_write(struct rpc_object *object, char const *text)
{
	if (expected[0] && contains(text, expected))
		serve_seen.said = true;
	if (!string_equal(session_of(object)->label, subject))
		return ERROR_OK;
	note_refusal(text);
	serve_seen.errors += string_starts(text, "error: ")
	                  || string_starts(text, "warning: ");
	string_copy(serve_seen.last, sizeof serve_seen.last, text);
	return ERROR_OK;
}

static struct log_ops const log_ops = { .write = log_op_write };

static enum error log_create(struct service *service, struct session_object *base,
                             struct session_request const *request)
{
	log_object_init(&base->object, &log_ops);
	return ERROR_OK;
}

/* -- System -- */

static enum error system_op_reboot(struct rpc_object *object)
{
	return ERROR_OK;
}

static enum error system_op_power_off(struct rpc_object *object)
{
	return ERROR_OK;
}

static struct system_ops const system_ops = {
	.reboot = system_op_reboot, .power_off = system_op_power_off };

static enum error system_create(struct service *service,
                                struct session_object *base,
                                struct session_request const *request)
{
	system_object_init(&base->object, &system_ops);
	return ERROR_OK;
}

/* -- all of it -- */

static struct service services[] = {
	{ .name = "ROM", .session_size = sizeof(struct rom),
	  .create = rom_create, .destroy = rom_destroy },
	{ .name = "LOG", .session_size = sizeof(struct session_object),
	  .create = log_create },
	{ .name = "System", .session_size = sizeof(struct session_object),
	  .create = system_create },
};

enum { SERVICES = sizeof services / sizeof services[0] };

static struct sandbox_service provided[SERVICES];

enum error serve_init(struct env *env, char const *subject_, char const *expected_)
{
	enum error error = ERROR_OK;
	string_copy(subject, sizeof subject, subject_);
	string_copy(expected, sizeof expected, expected_);
	for (unsigned i = 0; i < 2 && !error; i++) {
		void *at = NULL;
		error = ram_alloc(env, GENERATE_TEXT, &contents[i].ds);
		if (!error)
			error = ram_attach(env, contents[i].ds, true, &at);
		contents[i].at = at;
	}
	return error;
}

void serve_provide(struct sandbox *sandbox)
{
	serve_seen    = (struct serve_seen) { .fetched = false };
	configuration = NULL;
	for (unsigned i = 0; i < SERVICES; i++) {
		provided[i] = (struct sandbox_service) { .service = &services[i] };
		sandbox_provide(sandbox, &provided[i]);
	}
}

void serve_config(char const *text, size_t size)
{
	serve_seen = (struct serve_seen) { .watches = serve_seen.watches };
	newest = !newest;
	memcpy(contents[newest].at, text, size);
	memset(contents[newest].at + size, 0, GENERATE_TEXT - size);
	contents[newest].size = size;
	for (struct session_object *s = NULL; (s = service_next(&services[0], s));) {
		struct rom *const rom = container_of(s, struct rom, base);
		if (rom->changed.cap)
			error_ignore(signal_submit(rom->changed), "it ends");
	}
}
