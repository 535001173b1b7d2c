/* SPDX-License-Identifier: MIT */
/* ROM server */

#include <base/heap.h>
#include <base/hid.h>
#include <os/rom_server.h>
#include <rpc/rom.h>
#include <util/align.h>
#include <util/container_of.h>
#include <util/string.h>

struct rom {
	struct session_object base;
	dataspace_cap_t       copy;
	size_t                size;      /* of the copy */
	signal_cap_t          changed;
};

static struct rom *rom_of(struct rpc_object *object)
{
	return container_of(object, struct rom, base.object);
}

static struct rom_server *server_of(struct rom const *rom)
{
	return container_of(rom->base.service, struct rom_server, service);
}

/** Write to 'size' bytes at 'buffer'; 'length' is that of the document */
static enum error write(struct rom const *rom, char *buffer, size_t size,
                        size_t *length)
{
	struct rom_server *const server = server_of(rom);
	struct hid_writer w;
	hid_writer_init(&w, buffer, size);
	enum error const error = server->ops->write(server, rom->base.label, &w);
	if (error)
		return error;
	enum error const finished = hid_finish(&w, length);
	return finished == ERROR_LIMIT && !size ? ERROR_OK : finished;
}

/** Make room; the copy that is there serves if it is large enough */
static enum error make_room(struct rom *rom, size_t size)
{
	if (size <= rom->size)
		return ERROR_OK;
	if (rom->size)
		session_ram_free(&rom->base, rom->copy);
	rom->size = 0;
	enum error const error = session_ram_alloc(
		&rom->base, align_up(size, 4096), &rom->copy);
	if (!error)
		rom->size = align_up(size, 4096);
	return error;
}

static enum error op_dataspace(struct rpc_object *object, dataspace_cap_t *ds,
                               uint64_t *size)
{
	struct rom *const rom = rom_of(object);
	size_t length = 0;
	void *at;
	enum error error = write(rom, NULL, 0, &length);
	if (!error)
		error = make_room(rom, length);
	if (!error)
		error = ram_attach(rom->base.env, rom->copy, true, &at);
	if (error)
		return error;
	memset(at, 0, rom->size);
	error = write(rom, at, rom->size, &length);
	ram_detach(rom->base.env, at);
	*ds   = rom->copy;
	*size = length;
	return error;
}

static enum error op_changed(struct rpc_object *object, signal_cap_t handler)
{
	struct rom *const rom = rom_of(object);
	cap_keep(handler.cap);
	cap_drop(rom->changed.cap);
	rom->changed = handler;
	return ERROR_OK;
}

static struct rom_ops const ops = {
	.dataspace = op_dataspace, .changed = op_changed };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	struct rom_server *const server =
		container_of(service, struct rom_server, service);
	rom_object_init(&base->object, &ops);
	return server->ops->permit
	     ? server->ops->permit(server, request->label) : ERROR_OK;
}

static void destroy(struct service *service, struct session_object *base)
{
	cap_drop(container_of(base, struct rom, base)->changed.cap);
}

enum error rom_server_open(struct rom_server *server, struct env *env)
{
	server->service = (struct service) {
		.name = "ROM", .session_size = sizeof(struct rom),
		.create = create, .destroy = destroy };
	return service_announce(&server->service, env);
}

void rom_server_changed(struct rom_server *server)
{
	for (struct session_object *s = NULL;
	     (s = service_next(&server->service, s));) {
		struct rom *const rom = container_of(s, struct rom, base);
		if (rom->changed.cap)
			error_ignore(signal_submit(rom->changed), "it is gone");
	}
}
