/* SPDX-License-Identifier: MIT */
/* The component's configuration: ROM "config" */

/* public */
#include <base/env.h>
#include <base/hid.h>
#include <base/signal.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/hid_rom.h>

static struct hid const empty = {
	.text = "config", .size = 6, .line = 1, .type_length = 6 };

static struct hid_rom rom;

void config_init(struct env *env)
{
	env->config = &empty;
	if (hid_rom_open(&rom, env, "config") == ERROR_OK)
		error_ignore(config_update(env), "it was logged");
}

enum error config_watch(struct env *env, struct signal_handler *handler)
{
	return rom.env ? rom_changed(rom.module.rom.cap, handler->cap) : ERROR_OK;
}

enum error config_update(struct env *env)
{
	if (!rom.env)
		return ERROR_NOT_FOUND;
	enum error const error = hid_rom_update(&rom);
	if (!error)
		env->config = hid_top(&rom.content.document);
	return error;
}
