/* SPDX-License-Identifier: MIT */
/* ROM modules attached to the own address space */

/* public */
#include <base/heap.h>
#include <base/rom.h>
#include <session/rm.h>

/** What struct rom_module holds in its opaque words */
struct module_data {
	dataspace_cap_t ds;
};

static struct module_data *data_of(struct rom_module *module)
{
	return (struct module_data *)module->opaque;
}

static void forget(struct rom_module *module)
{
	struct module_data *const data = data_of(module);
	if (module->data)
		ram_detach(module->rom.session.env, (void *)module->data);
	cap_drop(data->ds.cap);
	module->data = NULL;
	module->size = 0;
	data->ds.cap = 0;
}

/** Ask for the content; a server that makes a copy may want more for it */
static enum error fetch(struct rom_module *module, uint64_t *size)
{
	enum { UPGRADES = 8 };
	struct module_data *const data = data_of(module);
	size_t ram = 8192;
	for (unsigned i = 0;; i++, ram *= 2) {
		enum error const reason =
			rom_dataspace(module->rom.cap, &data->ds, size);
		bool const poor = reason == ERROR_DONATE_RAM
		                  || reason == ERROR_DONATE_CAPS;
		if (!poor || i == UPGRADES)
			return reason;
		enum error const error = session_upgrade(
			&module->rom.session, reason == ERROR_DONATE_RAM ? ram : 0,
			reason == ERROR_DONATE_CAPS ? 2 : 0);
		if (error)
			return error;
	}
}

enum error rom_module_update(struct rom_module *module)
{
	struct module_data *const data = data_of(module);
	uint64_t size;
	void *at;

	forget(module);
	enum error error = fetch(module, &size);
	if (!error && size) {
		error = ram_attach_part(module->rom.session.env, data->ds, size,
		                        false, &at);
		if (!error) {
			module->data = at;
			module->size = size;
		}
	}
	if (error)
		forget(module);
	return error;
}

enum error rom_module_open(struct rom_module *module, struct env *env,
                           char const *name)
{
	*module = (struct rom_module) { 0 };
	enum error error = rom_open(&module->rom, env,
	                            &(struct session_args) { .label = name });
	if (!error)
		error = rom_module_update(module);
	if (error)
		rom_module_close(module);
	return error;
}

void rom_module_close(struct rom_module *module)
{
	if (!module->rom.session.env)
		return;
	forget(module);
	rom_close(&module->rom);
}
