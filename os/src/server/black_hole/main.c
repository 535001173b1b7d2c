/* SPDX-License-Identifier: MIT */
/*
 * Black hole: services whose sessions swallow whatever comes
 *
 *     config | + service LOG
 *            | + service Report
 *
 * For components that want a session which nobody is interested in.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/service.h>
#include <rpc/log.h>
#include <rpc/report.h>
#include <rpc/terminal.h>
#include <util/align.h>
#include <util/container_of.h>
#include <util/string.h>

enum { REPORT_DEFAULT = 4096, REPORT_MAX = 1 << 20 };

/* -- LOG -- */

static enum error log_op_write(struct rpc_object *object, char const *text)
{
	return ERROR_OK;
}

static struct log_ops const log_ops = { .write = log_op_write };

static enum error log_create(struct service *service, struct session_object *base,
                             struct session_request const *request)
{
	log_object_init(&base->object, &log_ops);
	return ERROR_OK;
}

/* -- Report -- */

struct report {
	struct session_object base;
	dataspace_cap_t       buffer;
	size_t                size;
};

static struct report *report_of(struct rpc_object *object)
{
	return container_of(object, struct report, base.object);
}

static enum error report_op_dataspace(struct rpc_object *object,
                                      dataspace_cap_t *ds)
{
	*ds = report_of(object)->buffer;
	return ERROR_OK;
}

static enum error report_op_submit(struct rpc_object *object, uint64_t size)
{
	return size > report_of(object)->size ? ERROR_LIMIT : ERROR_OK;
}

static struct report_ops const report_ops = {
	.dataspace = report_op_dataspace, .submit = report_op_submit };

static size_t buffer_size(char const *text)
{
	struct hid nodes[4];
	struct hid_document document = { .nodes = nodes, .capacity = 4 };
	if (hid_parse_text(&document, text, NULL))
		return REPORT_DEFAULT;
	return hid_uint(hid_top(&document), "buffer", REPORT_DEFAULT);
}

static enum error report_create(struct service *service,
                                struct session_object *base,
                                struct session_request const *request)
{
	struct report *const report = container_of(base, struct report, base);
	size_t const size = buffer_size(request->text);
	report_object_init(&base->object, &report_ops);
	if (!size || size > REPORT_MAX)
		return ERROR_LIMIT;
	report->size = align_up(size, 4096);
	return session_ram_alloc(base, report->size, &report->buffer);
}

/* -- Terminal -- */

static enum error terminal_op_write(struct rpc_object *object, char const *text,
                                    uint32_t *written)
{
	*written = (uint32_t)strlen(text);
	return ERROR_OK;
}

/** Nobody types */
static enum error terminal_op_read(struct rpc_object *object, char text[256])
{
	return ERROR_OK;
}

static enum error terminal_op_changed(struct rpc_object *object,
                                      signal_cap_t handler)
{
	return ERROR_OK;
}

static enum error terminal_op_size(struct rpc_object *object, uint32_t *columns,
                                   uint32_t *rows)
{
	*columns = 80;
	*rows    = 24;
	return ERROR_OK;
}

static struct terminal_ops const terminal_ops = {
	.write = terminal_op_write, .read = terminal_op_read,
	.changed = terminal_op_changed, .size = terminal_op_size };

static enum error terminal_create(struct service *service,
                                  struct session_object *base,
                                  struct session_request const *request)
{
	terminal_object_init(&base->object, &terminal_ops);
	return ERROR_OK;
}

static struct service services[] = {
	{ .name = "LOG", .session_size = sizeof(struct session_object),
	  .create = log_create },
	{ .name = "Report", .session_size = sizeof(struct report),
	  .create = report_create },
	{ .name = "Terminal", .session_size = sizeof(struct session_object),
	  .create = terminal_create },
};

static struct service *service_named(struct hid const *node)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (hid_equals(node, "name", services[i].name))
			return &services[i];
	return NULL;
}

enum error component_construct(struct env *env)
{
	enum error error = ERROR_OK;
	for (struct hid const *n = NULL;
	     !error && (n = hid_next(env->config, n, "service"));) {
		struct service *const service = service_named(n);
		error = service ? service_announce(service, env) : ERROR_NOT_FOUND;
		if (error)
			log_error("config, line %u: service: %s", n->line,
			          error_text(error));
	}
	return error;
}
