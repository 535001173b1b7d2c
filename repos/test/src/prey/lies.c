/* SPDX-License-Identifier: MIT */
/* Each lie gives an error; what is there is used, also after it was freed */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <base/rom.h>
#include <test/lies.h>

/* local */
#include "lies.h"

static struct { uint64_t size; enum error error; } const lies[] = {
#define LIE(size, memory, error) { size, error },
	LIES(LIE)
#undef LIE
};

static struct { size_t size; enum error error; } const report_lies[] = {
#define LIE(size, writable, error) { size, error },
	REPORT_LIES(LIE)
#undef LIE
};

static enum error expect(char const *what, unsigned n, enum error got,
                         enum error wanted)
{
	if (got == wanted)
		return ERROR_OK;
	log_error("lies: %s %u: %s", what, n, error_text(got));
	return ERROR_CORRUPT;
}

static enum error all_bytes(struct rom_module const *module, char value)
{
	char const volatile *const data = module->data;
	for (size_t i = 0; i < module->size; i++)
		if (data[i] != value)
			return ERROR_CORRUPT;
	return ERROR_OK;
}

/** The server frees what it has just handed out */
static enum error free_between(struct rom_module *module, unsigned n)
{
	signal_cap_t const none = { 0 };
	dataspace_cap_t ds;
	uint64_t size;
	void *at = NULL;
	enum error error = rom_dataspace(module->rom.cap, &ds, &size);
	if (error)
		return expect("ROM", n, error, ERROR_OK);
	error = rom_changed(module->rom.cap, none);
	if (!error)
		error = expect("freed ROM", n,
			ram_attach_part(module->rom.session.env, ds, size,
			                false, &at), lies[n].error);
	ram_detach(module->rom.session.env, at);
	cap_drop(ds.cap);
	return error;
}

static enum error use_rom(struct rom_module *module, unsigned n)
{
	enum error error = expect("ROM", n, rom_module_update(module),
	                          lies[n].error);
	if (!error)
		error = expect("size of ROM", n,
		               module->size == (lies[n].error ? 0 : lies[n].size)
		               ? ERROR_OK : ERROR_CORRUPT, ERROR_OK);
	if (!error)
		error = expect("content of ROM", n,
		               all_bytes(module, LIE_CONTENT), ERROR_OK);
	if (!error)
		error = rom_changed(module->rom.cap, (signal_cap_t) { 0 });
	return error ? error : expect("freed content of ROM", n,
	                              all_bytes(module, 0), ERROR_OK);
}

static enum error use_roms(struct env *env)
{
	struct rom_module module = { 0 };
	enum error error = rom_open(&module.rom, env,
		&(struct session_args) { .label = "lie" });
	for (unsigned n = 0; n < sizeof lies / sizeof *lies && !error; n++)
		error = lies[n].error == ERROR_GONE ? free_between(&module, n)
		                                    : use_rom(&module, n);
	rom_module_close(&module);
	return error;
}

static enum error submit(struct reporter *reporter)
{
	struct hid_writer *const w = reporter_begin(reporter);
	hid_begin(w, "report");
	hid_end(w);
	return reporter_submit(reporter);
}

/** The first one that is submitted is freed: the others are written all the same */
static enum error use_report(struct env *env, unsigned n)
{
	struct reporter reporter;
	enum error const opened = reporter_open(&reporter, env, "lie",
	                                        report_lies[n].size);
	enum error error = expect("Report", n, opened,
	                          report_lies[n].error);
	for (unsigned i = 0; i < 3 && !opened && !error; i++)
		error = expect("submission to Report", n, submit(&reporter), ERROR_OK);
	reporter_close(&reporter);
	return error;
}

enum error use_lies(struct env *env)
{
	enum error error = use_roms(env);
	for (unsigned n = 0;
	     n < sizeof report_lies / sizeof *report_lies && !error; n++)
		error = use_report(env, n);
	return error;
}
