/* SPDX-License-Identifier: MIT */
/**
 * ROM service: boot modules by the last element of the label
 *
 * Also "core_log", the log's ring, and "core_state", whose text is written anew
 * for each rom_dataspace.
 */

/* public */
#include <rpc/rom.h>
#include <util/align.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/dataspace.h"
#include "log.h"
#include "modules.h"
#include "session.h"
#include "state.h"
#include "service/services.h"
#include "work.h"

struct rom {
	struct core_session session;
	struct dataspace    ds;
	uint64_t            size;
	uint64_t            state;      /* frames of its text, 0: another ROM */
	cap_t               handler;
};

static enum error dataspace(struct rpc_object *self, dataspace_cap_t *ds,
                            uint64_t *size)
{
	struct rom *const rom = object_self(self);
	if (rom->state && !object_decay_all())
		return work_later();
	if (rom->state)
		rom->size = state_write(kernel_phys(rom->state), STATE_SIZE);
	ds->cap = rom->ds.object.rpc.cap;
	*size   = rom->size;
	return ERROR_OK;
}

static enum error changed(struct rpc_object *self, signal_cap_t handler)
{
	struct rom *const rom = object_self(self);
	return donation_error(signal_keep(&rom->session.account,
	                                  &rom->handler, handler.cap));
}

static struct rom_ops const ops = {
	.dataspace = dataspace,
	.changed   = changed,
};

static enum error find(struct rom *rom, char const *name, struct module *module)
{
	if (string_equal(name, "core_log")) {
		*module = (struct module) { log_phys(), LOG_RING };
		return ERROR_OK;
	}
	if (string_equal(name, "core_state")) {
		*module = (struct module) { 0, STATE_SIZE };
		enum error const error = frames_alloc(
			&rom->session.account, STATE_SIZE, &rom->state);
		module->phys = rom->state;
		if (!error)
			memset(kernel_phys(rom->state), 0, STATE_SIZE);
		return error;
	}
	return module_find(name, module);
}

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct rom *const rom = container_of(session, struct rom, session);
	struct module module;
	enum error const error = find(rom, label_last(session->label), &module);
	if (error)
		return error;
	rom->size = module.size;
	return dataspace_open_fixed(&rom->ds, &session->arena, module.phys,
	                            module.size ? module.size : 1, false, 0);
}

static bool destroy(struct core_session *session)
{
	struct rom *const rom = container_of(session, struct rom, session);
	if (!dataspace_close(&rom->ds))
		return false;
	if (rom->state)
		frames_free(&session->account, rom->state, STATE_SIZE);
	signal_keep_none(&session->account, &rom->handler);
	return true;
}

struct core_service const rom_service = {
	.name     = "ROM",
	.size     = sizeof(struct rom),
	.dispatch = rom_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
