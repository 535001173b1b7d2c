/* SPDX-License-Identifier: MIT */
/*
 * Logs the lines of a ROM whenever it has other content
 *
 *     config | rom: name | repeat: yes | confirm: settings
 *
 * "repeat": also if its server says that it changed, and it is the same. When it
 * has logged them it reads the ROM 'confirm', which may wait for that.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <util/minmax.h>
#include <util/string.h>

static struct env       *the_env;
static struct rom_module rom, confirmed;
static char              shown[4096];
static size_t            shown_size;

/** A signal may come for what was read already */
static bool other_content(void)
{
	if (rom.size == shown_size && rom.size <= sizeof shown
	    && memcmp(rom.data, shown, shown_size) == 0)
		return false;
	shown_size = rom.size;
	memcpy(shown, rom.data, min(rom.size, sizeof shown));
	return true;
}

static void confirm(void)
{
	char name[64];
	if (!hid_string(the_env->config, "confirm", name, sizeof name))
		return;
	enum error const error = confirmed.rom.cap.cap
		? rom_module_update(&confirmed)
		: rom_module_open(&confirmed, the_env, name);
	if (error)
		log_error("%s: %s", name, error_text(error));
}

static void show(struct signal_handler *handler, uint64_t count)
{
	bool const repeat = hid_bool(the_env->config, "repeat", false);
	if (rom_module_update(&rom) != ERROR_OK || (!other_content() && !repeat))
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
	confirm();
}

static struct signal_handler changed = { .handle = show };

enum error component_construct(struct env *env)
{
	char name[64] = "config";
	the_env = env;
	hid_string(env->config, "rom", name, sizeof name);
	enum error error = rom_open(&rom.rom, env,
		&(struct session_args) { .label = name });
	if (!error) error = signal_handler_open(&changed, env->ep);
	if (!error) error = rom_changed(rom.rom.cap, changed.cap);
	return error ? error : signal_submit(changed.cap);
}
