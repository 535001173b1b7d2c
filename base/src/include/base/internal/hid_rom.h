/* SPDX-License-Identifier: MIT */
/**
 * ROM module with HID content, copied and parsed on the component's heap
 */
#pragma once

#include <base/rom.h>

struct hid_content {
	char               *text;
	size_t              size;
	struct hid_document document;
};

struct hid_rom {
	struct env        *env;         /* NULL: closed */
	char               name[64];
	struct rom_module  module;
	struct hid_content content;
	bool               few;         /* of its errors are logged, not all */
	unsigned           logged;
};

enum error hid_rom_open(struct hid_rom *rom, struct env *env,
                        char const *name) MUST_USE;

/**
 * Fetch and parse the newest content, which replaces the former only if it is
 * sound. Returns NOT_FOUND, CORRUPT (logged, with the line), NO_RAM, GONE
 */
enum error hid_rom_update(struct hid_rom *rom) MUST_USE;

void hid_rom_close(struct hid_rom *rom);
