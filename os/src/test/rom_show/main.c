/* SPDX-License-Identifier: MIT */
/* Logs the lines of a ROM, at each change: "config | rom: name" */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <util/string.h>

static struct rom_module rom;

static void show(struct signal_handler *handler, uint64_t count)
{
	if (rom_module_update(&rom) != ERROR_OK)
		return;
	char const *at = rom.data, *const end = at + rom.size;
	while (at < end) {
		char line[120];
		char const *const next = memchr(at, '\n', (size_t)(end - at));
		size_t const length = (size_t)((next ? next : end) - at);
		string_copy_part(line, sizeof line, at, length);
		log_info("%s", line);
		at += length + 1;
	}
}

static struct signal_handler changed = { .handle = show };

enum error component_construct(struct env *env)
{
	char name[64] = "config";
	hid_string(env->config, "rom", name, sizeof name);
	enum error error = rom_open(&rom.rom, env,
		&(struct session_args) { .label = name });
	if (!error) error = signal_handler_open(&changed, env->ep);
	if (!error) error = rom_changed(rom.rom.cap, changed.cap);
	return error ? error : signal_submit(changed.cap);
}
