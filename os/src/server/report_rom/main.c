/* SPDX-License-Identifier: MIT */
/*
 * Report-ROM: what one component reports, others read as a ROM module
 *
 * Both sides name a module; the policy of the configuration says which report a
 * ROM session reads:
 *
 *     + policy | label: console -> tree | report: init -> state | max: 64K
 *
 * The content is kept in the reporter's session, on its account, and copied for
 * each reader on the reader's account. When the reporter goes, its modules are
 * without content.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/service.h>
#include <rpc/report.h>
#include <rpc/rom.h>
#include <util/align.h>
#include <util/container_of.h>
#include <util/string.h>

enum { REPORT_DEFAULT = 4096, REPORT_MAX = 1 << 20 };

/** What a reader has to donate at first; a longer report takes an upgrade */
enum { COPY_MIN = 4096 + 256 };

struct report {
	struct session_object base;
	dataspace_cap_t       buffer, kept;  /* client's; last submitted content */
	char                 *buffer_at, *kept_at;
	size_t                size;          /* of both */
	size_t                content;       /* bytes in 'kept' */
};

struct rom {
	struct session_object base;
	char                  source[SESSION_LABEL]; /* label of the report */
	size_t                max;                   /* longer ones it does not read */
	dataspace_cap_t       copy;
	char                 *copy_at;
	size_t                copy_size;
	signal_cap_t          changed;
};

static struct env    *the_env;
static struct service reports, roms;

/* -- report side -- */

static struct report *report_of(struct rpc_object *object)
{
	return container_of(object, struct report, base.object);
}

static void notify(char const *label)
{
	for (struct session_object *s = NULL; (s = service_next(&roms, s));) {
		struct rom *const rom = container_of(s, struct rom, base);
		if (rom->changed.cap && string_equal(rom->source, label))
			error_ignore(signal_submit(rom->changed), "reader is gone");
	}
}

static enum error report_op_dataspace(struct rpc_object *object,
                                      dataspace_cap_t *ds)
{
	*ds = report_of(object)->buffer;
	return ERROR_OK;
}

static enum error report_op_submit(struct rpc_object *object, uint64_t size)
{
	struct report *const report = report_of(object);
	if (size > report->size)
		return ERROR_LIMIT;
	memcpy(report->kept_at, report->buffer_at, size);
	report->content = size;
	notify(report->base.label);
	return ERROR_OK;
}

static struct report_ops const report_ops = {
	.dataspace = report_op_dataspace, .submit = report_op_submit,
};

static size_t buffer_size(char const *text)
{
	struct hid nodes[4];
	struct hid_document document = { .nodes = nodes, .capacity = 4 };
	if (hid_parse_text(&document, text, NULL))
		return REPORT_DEFAULT;
	return hid_uint(hid_top(&document), "buffer", REPORT_DEFAULT);
}

static void report_destroy(struct service *service, struct session_object *base)
{
	struct report *const report = container_of(base, struct report, base);
	ram_detach(base->env, report->buffer_at);
	ram_detach(base->env, report->kept_at);
	notify(base->label);
}

static enum error report_create(struct service *service,
                                struct session_object *base,
                                struct session_request const *request)
{
	struct report *const report = container_of(base, struct report, base);
	size_t const size = buffer_size(request->text);
	void *buffer = NULL, *kept = NULL;

	report_object_init(&base->object, &report_ops);
	if (!size || size > REPORT_MAX)
		return ERROR_LIMIT;
	report->size = align_up(size, 4096);
	enum error error = session_ram_alloc(base, report->size, &report->buffer);
	if (!error)
		error = session_ram_alloc(base, report->size, &report->kept);
	if (!error)
		error = ram_attach(base->env, report->buffer, true, &buffer);
	if (!error)
		error = ram_attach(base->env, report->kept, true, &kept);
	report->buffer_at = buffer;
	report->kept_at   = kept;
	if (error)
		report_destroy(service, base);
	return error;
}

static struct service reports = {
	.name = "Report", .session_size = sizeof(struct report),
	.create = report_create, .destroy = report_destroy,
};

/* -- ROM side -- */

static struct rom *rom_of(struct rpc_object *object)
{
	return container_of(object, struct rom, base.object);
}

static struct report *report_by_label(char const *label)
{
	for (struct session_object *s = NULL; (s = service_next(&reports, s));)
		if (string_equal(s->label, label))
			return container_of(s, struct report, base);
	return NULL;
}

static void copy_free(struct rom *rom)
{
	ram_detach(rom->base.env, rom->copy_at);
	session_ram_free(&rom->base, rom->copy);
	rom->copy.cap  = 0;
	rom->copy_at   = NULL;
	rom->copy_size = 0;
}

/** Make room for 'size' bytes; the copy that is there serves if it is large enough */
static enum error copy_alloc(struct rom *rom, size_t size)
{
	void *at;
	if (size <= rom->copy_size)
		return ERROR_OK;
	copy_free(rom);
	enum error error = session_ram_alloc(&rom->base, align_up(size, 4096),
	                                     &rom->copy);
	if (error)
		return error;
	error = ram_attach(rom->base.env, rom->copy, true, &at);
	if (error) {
		copy_free(rom);
		return error;
	}
	rom->copy_at   = at;
	rom->copy_size = align_up(size, 4096);
	return ERROR_OK;
}

static enum error rom_op_dataspace(struct rpc_object *object,
                                   dataspace_cap_t *ds, uint64_t *size)
{
	struct rom *const rom = rom_of(object);
	struct report const *const report = report_by_label(rom->source);
	if (!report || !report->content) {
		copy_free(rom);
		return ERROR_NOT_FOUND;
	}
	if (report->content > rom->max)
		return ERROR_LIMIT;
	enum error const error = copy_alloc(rom, report->content);
	if (error)
		return error;
	memcpy(rom->copy_at, report->kept_at, report->content);
	memset(rom->copy_at + report->content, 0,
	       rom->copy_size - report->content);
	*ds   = rom->copy;
	*size = report->content;
	return ERROR_OK;
}

static enum error rom_op_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct rom *const rom = rom_of(object);
	cap_drop(rom->changed.cap);
	cap_keep(handler.cap);
	rom->changed = handler;
	return ERROR_OK;
}

static struct rom_ops const rom_ops = {
	.dataspace = rom_op_dataspace, .changed = rom_op_changed,
};

static void rom_destroy(struct service *service, struct session_object *base)
{
	struct rom *const rom = container_of(base, struct rom, base);
	ram_detach(base->env, rom->copy_at);
	cap_drop(rom->changed.cap);
}

static enum error rom_create(struct service *service,
                             struct session_object *base,
                             struct session_request const *request)
{
	struct rom *const rom = container_of(base, struct rom, base);
	struct hid const *const policy =
		service_policy(the_env->config, request->label);

	rom_object_init(&base->object, &rom_ops);
	if (request->ram < COPY_MIN)
		return ERROR_DONATE_RAM;
	if (!hid_string(policy, "report", rom->source, sizeof rom->source)) {
		static unsigned logged;
		if (log_few(&logged))
			log_warning("no policy for ROM \"%s\"", request->label);
		return ERROR_DENIED;
	}
	rom->max = hid_uint(policy, "max", REPORT_MAX);
	return ERROR_OK;
}

static struct service roms = {
	.name = "ROM", .session_size = sizeof(struct rom),
	.create = rom_create, .destroy = rom_destroy,
};

static void configure(struct signal_handler *handler, uint64_t count)
{
	error_ignore(config_update(the_env), "it was logged; the old one stays");
}

static struct signal_handler config_handler = { .handle = configure };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error) error = service_announce(&reports, env);
	if (!error) error = service_announce(&roms, env);
	return error;
}
