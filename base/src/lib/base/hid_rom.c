/* SPDX-License-Identifier: MIT */
/*
 * ROM content read as HID
 *
 * Text and nodes are the reader's own copies, since the server may change or
 * free what it handed out while nodes still refer to it.
 */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <util/string.h>

/* internal */
#include <base/internal/hid_rom.h>

enum { HID_ROM_MAX = 16 << 20 };

static void content_free(struct env *env, struct hid_content *content)
{
	struct hid_document *const document = &content->document;
	heap_free(env->heap, document->nodes,
	          document->capacity * sizeof(struct hid));
	heap_free(env->heap, content->text, content->size);
	*content = (struct hid_content) { 0 };
}

/** Who writes the content may be wrong as often as it likes */
static bool may_log(struct hid_rom *rom)
{
	return !rom->few || log_few(&rom->logged);
}

static enum error content_read(struct hid_rom *rom, struct hid_content *content)
{
	struct env *const env = rom->env;
	struct hid_error problem = { .text = "too large" };

	*content = (struct hid_content) { 0 };
	if (!rom->module.size)
		return ERROR_NOT_FOUND;
	enum error error = ERROR_LIMIT;
	if (rom->module.size <= HID_ROM_MAX) {
		content->size = rom->module.size;
		content->text = heap_alloc(env->heap, content->size);
		if (!content->text)
			return ERROR_NO_RAM;
		memcpy(content->text, rom->module.data, content->size);

		size_t const nodes = hid_node_count(content->text, content->size);
		content->document.capacity = (uint32_t)nodes;
		content->document.nodes =
			heap_alloc(env->heap, nodes * sizeof(struct hid));
		error = content->document.nodes
			? hid_parse(&content->document, content->text,
			            content->size, &problem) : ERROR_NO_RAM;
	}
	if ((error == ERROR_CORRUPT || error == ERROR_LIMIT) && may_log(rom))
		log_error("ROM %s, line %u: %s", rom->name, problem.line,
		          problem.text);
	if (error)
		content_free(env, content);
	return error;
}

enum error hid_rom_open(struct hid_rom *rom, struct env *env, char const *name)
{
	*rom = (struct hid_rom) { .env = env };
	enum error error = rom_open(&rom->module.rom, env,
		&(struct session_args) { .label = name });
	if (!string_copy(rom->name, sizeof rom->name, name) && !error)
		error = ERROR_LIMIT;
	if (error)
		hid_rom_close(rom);
	return error;
}

enum error hid_rom_update(struct hid_rom *rom)
{
	struct hid_content content;
	enum error error = rom_module_update(&rom->module);
	if (error == ERROR_CORRUPT && may_log(rom))
		log_error("ROM %s: the server has less than it says", rom->name);
	if (!error)
		error = content_read(rom, &content);
	if (error)
		return error;
	content_free(rom->env, &rom->content);
	rom->content = content;
	return ERROR_OK;
}

void hid_rom_close(struct hid_rom *rom)
{
	if (!rom->env)
		return;
	content_free(rom->env, &rom->content);
	rom_module_close(&rom->module);
	*rom = (struct hid_rom) { 0 };
}

/* -- public readers -- */

static struct hid_rom *rom_of(struct rom_reader *reader)
{
	_Static_assert(sizeof(struct hid_rom) <= sizeof(struct rom_reader),
	               "struct rom_reader is too small");
	return (struct hid_rom *)reader;
}

enum error rom_reader_open(struct rom_reader *reader, struct env *env,
                           char const *name, struct signal_handler *changed)
{
	struct hid_rom *const rom = rom_of(reader);
	enum error error = hid_rom_open(rom, env, name);
	rom->few = true;
	if (!error && changed) {
		error = rom_changed(rom->module.rom.cap, changed->cap);
		if (!error)
			error = signal_submit(changed->cap);
	}
	if (error)
		rom_reader_close(reader);
	return error;
}

enum error rom_reader_update(struct rom_reader *reader,
                             struct hid const **content)
{
	struct hid_rom *const rom = rom_of(reader);
	enum error const error = hid_rom_update(rom);
	if (error)      /* nobody may look at the former content any more */
		content_free(rom->env, &rom->content);
	*content = error ? NULL : hid_top(&rom->content.document);
	return error;
}

void rom_reader_close(struct rom_reader *reader)
{
	hid_rom_close(rom_of(reader));
}
