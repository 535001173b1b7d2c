/* SPDX-License-Identifier: MIT */
/**
 * ROM modules and reports as parsed HID data
 */
#pragma once

#include <base/env.h>
#include <base/signal.h>
#include <base/hid.h>
#include <session/rom.h>
#include <session/report.h>

/** A ROM module attached to the own address space */
struct rom_module {
	struct rom_session rom;
	void const *data;
	size_t      size;
	uint64_t    opaque[2];
};

/** Open ROM 'name' and attach it. Returns as session_open and rom_module_update */
enum error rom_module_open(struct rom_module *module, struct env *env,
                           char const *name) MUST_USE;
/**
 * Take the newest content; data and size change
 *
 * Returns NOT_FOUND, NO_RAM, GONE, CORRUPT (the server has less than it says).
 */
enum error rom_module_update(struct rom_module *module) MUST_USE;
void rom_module_close(struct rom_module *module);

/** A ROM module with HID content, that may change; zeroed memory is closed */
struct rom_reader { uint64_t opaque[40]; };

/** 'changed' may be NULL; it runs at each change, and once at the beginning */
enum error rom_reader_open(struct rom_reader *reader, struct env *env,
                           char const *name, struct signal_handler *changed) MUST_USE;
/**
 * Newest content; the former one's nodes are dead, even if there is none now
 *
 * Returns NOT_FOUND, CORRUPT (the first ones are logged), LIMIT (too long), NO_RAM.
 */
enum error rom_reader_update(struct rom_reader *reader, struct hid const **content) MUST_USE;
void rom_reader_close(struct rom_reader *reader);

/** Producer of a report; zeroed memory is closed */
struct reporter { uint64_t opaque[48]; };

/**
 * 'size': the largest report in bytes
 *
 * Returns as session_open, LIMIT, CORRUPT (the server's buffer is smaller).
 */
enum error reporter_open(struct reporter *reporter, struct env *env,
                         char const *name, size_t size) MUST_USE;
/** Begin a new report; writing never fails, submit does */
struct hid_writer *reporter_begin(struct reporter *reporter);
/** Returns LIMIT (too long for the buffer), GONE */
enum error reporter_submit(struct reporter *reporter);
void reporter_close(struct reporter *reporter);
