/* SPDX-License-Identifier: MIT */
/*
 * Inline configurations
 *
 * The text is written anew from the nodes of the start node. The memory is the
 * sandbox's, which keeps the session's donation for it.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <rpc/rom.h>
#include <util/align.h>
#include <util/container_of.h>

/* local */
#include "config_rom.h"

struct config_rom {
	struct rpc_object  object;
	struct connection *connection;
	dataspace_cap_t    ds, former;   /* 'former' until the client fetched 'ds' */
	size_t             length;
	signal_cap_t       changed;
};

static struct env *env_of(struct config_rom const *rom)
{
	return rom->connection->sandbox->env;
}

static void write_config(struct connection const *connection,
                         struct hid_writer *w)
{
	struct child const *const client = connection->client;
	struct hid const *const config =
		policy_config(&client->policy, client->start);
	if (config) {
		hid_put_node(w, config);
		return;
	}
	hid_begin(w, "config");
	hid_end(w);
}

/** Write it to the memory at 'buffer'; returns the text's length */
static size_t write_text(struct connection const *connection, char *buffer,
                         size_t size)
{
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, buffer, size);
	write_config(connection, &w);
	error_ignore(hid_finish(&w, &length), "the size was asked for before");
	return length;
}

/** A new dataspace with the current text */
static enum error renew(struct config_rom *rom)
{
	struct env *const env = env_of(rom);
	size_t const length = write_text(rom->connection, NULL, 0);
	dataspace_cap_t ds;
	void *at = NULL;

	enum error error = ram_alloc(env, length + 1, &ds);
	if (error)
		return error;
	error = ram_attach(env, ds, true, &at);
	if (error) {
		ram_free(env, ds);
		return error;
	}
	write_text(rom->connection, at, length + 1);
	ram_detach(env, at);

	if (rom->former.cap)
		ram_free(env, rom->ds);
	else
		rom->former = rom->ds;
	rom->ds     = ds;
	rom->length = length;
	return ERROR_OK;
}

static enum error op_dataspace(struct rpc_object *object, dataspace_cap_t *ds,
                               uint64_t *size)
{
	struct config_rom *const rom =
		container_of(object, struct config_rom, object);
	ram_free(env_of(rom), rom->former);
	rom->former = (dataspace_cap_t) { 0 };
	*ds   = rom->ds;
	*size = rom->length;
	return ERROR_OK;
}

static enum error op_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct config_rom *const rom =
		container_of(object, struct config_rom, object);
	cap_keep(handler.cap);
	cap_drop(rom->changed.cap);
	rom->changed = handler;
	return ERROR_OK;
}

static struct rom_ops const ops = {
	.dataspace = op_dataspace, .changed = op_changed };

enum error config_rom_open(struct connection *connection)
{
	struct env *const env = connection->sandbox->env;
	size_t const need = align_up(write_text(connection, NULL, 0) + 1, 4096);
	if (connection->ram < need)
		return ERROR_DONATE_RAM;

	struct config_rom *const rom = heap_alloc(env->heap, sizeof *rom);
	if (!rom)
		return ERROR_NO_RAM;
	rom->connection = connection;
	connection->rom = rom;
	rom_object_init(&rom->object, &ops);
	enum error error = renew(rom);
	if (!error)
		error = rpc_object_open(&rom->object, env->ep);
	if (error)
		config_rom_close(connection);
	else
		connection->cap = rom->object.cap;
	return error;
}

void config_rom_close(struct connection *connection)
{
	struct config_rom *const rom = connection->rom;
	if (!rom)
		return;
	struct env *const env = env_of(rom);
	rpc_object_close(&rom->object);
	ram_free(env, rom->ds);
	ram_free(env, rom->former);
	cap_drop(rom->changed.cap);
	connection->rom = NULL;
	connection->cap = 0;
	heap_free(env->heap, rom, sizeof *rom);
}

size_t config_rom_used(struct connection const *connection)
{
	size_t const one = align_up(connection->rom->length + 1, 4096);
	return connection->rom->former.cap ? 2 * one : one;
}

void config_rom_update(struct connection *connection)
{
	struct config_rom *const rom = connection->rom;
	if (renew(rom) == ERROR_OK && rom->changed.cap)
		error_ignore(signal_submit(rom->changed), "the child is ending");
}
