/* SPDX-License-Identifier: MIT */
/*
 * ROM reporter: reports what ROMs contain, byte by byte, at each change
 *
 *     config | + rom settings | report: copy | size: 4K
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/rom.h>
#include <os/config_number.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

enum { COPIES = 8, DEFAULT_SIZE = 4096, MAX_SIZE = 1 << 20 };

struct copy {
	struct rom_module     rom;
	struct report_session report;
	dataspace_cap_t       ds;
	void                 *at;
	size_t                size;
	struct signal_handler changed;
	char                  name[64];
	unsigned              logged;     /* errors */
};

static struct copy copies[COPIES];

static void report(struct signal_handler *handler, uint64_t count)
{
	struct copy *const copy = container_of(handler, struct copy, changed);
	enum error error = rom_module_update(&copy->rom);
	if (!error && copy->rom.size > copy->size)
		error = ERROR_LIMIT;
	if (!error) {
		memcpy(copy->at, copy->rom.data, copy->rom.size);
		error = report_submit(copy->report.cap, copy->rom.size);
	}
	if (error && error != ERROR_NOT_FOUND && log_few(&copy->logged))
		log_error("%s: %s", copy->name, error_text(error));
}

static enum error open_report(struct copy *copy, struct env *env,
                              struct hid const *node)
{
	char label[64], text[64];
	string_copy(label, sizeof label, copy->name);
	hid_string(node, "report", label, sizeof label);
	copy->size = config_number(node, "size", DEFAULT_SIZE, 1, MAX_SIZE);
	format_text(text, sizeof text, "report | buffer: %zu", copy->size);
	enum error error = report_open(&copy->report, env,
		&(struct session_args) { .label = label, .text = text,
		                         .ram = copy->size });
	if (!error)
		error = report_dataspace(copy->report.cap, &copy->ds);
	if (!error)
		error = ram_attach_part(env, copy->ds, copy->size, true,
		                        &copy->at);
	return error;
}

/** The ROM may have no content yet: the session is what counts */
static enum error open_rom(struct copy *copy, struct env *env)
{
	enum error error = rom_open(&copy->rom.rom, env,
		&(struct session_args) { .label = copy->name });
	copy->changed.handle = report;
	if (!error)
		error = signal_handler_open(&copy->changed, env->ep);
	if (!error)
		error = rom_changed(copy->rom.rom.cap, copy->changed.cap);
	return error ? error : signal_submit(copy->changed.cap);
}

enum error component_construct(struct env *env)
{
	unsigned n = 0;
	for (struct hid const *r = NULL; (r = hid_next(env->config, r, "rom"));) {
		if (n == COPIES) {
			log_error("config, line %u: more than %u ROMs", r->line,
			          (unsigned)COPIES);
			return ERROR_LIMIT;
		}
		struct copy *const copy = &copies[n++];
		hid_name(r, copy->name, sizeof copy->name);
		enum error error = open_report(copy, env, r);
		if (!error)
			error = open_rom(copy, env);
		if (error) {
			log_error("%s: %s", copy->name, error_text(error));
			return error;
		}
	}
	return ERROR_OK;
}
