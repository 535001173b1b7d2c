/* SPDX-License-Identifier: MIT */
/* ROM and Report whose memory is less than they say, or ends while it is used */

/* public */
#include <base/entrypoint.h>
#include <base/heap.h>
#include <rpc/report.h>
#include <rpc/rom.h>
#include <session/parent.h>
#include <session/pd.h>
#include <test/lies.h>
#include <util/string.h>

/* local */
#include "lies.h"

static struct env       *the_env;
static struct rpc_object rom, report;
static dataspace_cap_t   page, view;

static void forget(void)
{
	ram_free(the_env, view);
	ram_free(the_env, page);
	view.cap = page.cap = 0;
}

static enum error renew(void)
{
	void *at;
	forget();
	enum error error = ram_alloc(the_env, 4096, &page);
	if (!error)
		error = ram_attach(the_env, page, true, &at);
	if (error)
		return error;
	memset(at, LIE_CONTENT, 4096);
	ram_detach(the_env, at);
	return ERROR_OK;
}

/* -- ROM -- */

static struct { uint64_t size; enum lie_memory memory; } const lies[] = {
#define LIE(size, memory, error) { size, memory },
	LIES(LIE)
#undef LIE
};

static enum error rom_op_dataspace(struct rpc_object *object,
                                   dataspace_cap_t *ds, uint64_t *size)
{
	static unsigned n;
	enum error const error = renew();
	enum lie_memory const memory = lies[n].memory;
	*size = lies[n].size;
	*ds   = page;
	n = (n + 1) % (sizeof lies / sizeof *lies);
	if (memory == LIE_DEAD)
		error_ignore(pd_ram_free(the_env->pd, page), "dead already");
	if (memory == LIE_OTHER)
		ds->cap = the_env->cpu.cap;
	if (memory == LIE_NOTHING)
		ds->cap = 0;
	return error;
}

/** What the client has attached goes */
static enum error rom_op_changed(struct rpc_object *object, signal_cap_t handler)
{
	forget();
	return ERROR_OK;
}

static struct rom_ops const rom_ops = {
	.dataspace = rom_op_dataspace, .changed = rom_op_changed };

/* -- Report -- */

static bool const writable[] = {
#define LIE(size, writable, error) writable,
	REPORT_LIES(LIE)
#undef LIE
};

static enum error report_op_dataspace(struct rpc_object *object,
                                      dataspace_cap_t *ds)
{
	static unsigned n;
	enum error error = renew();
	if (!error && !writable[n])
		error = pd_ram_view(the_env->pd, page, &view);
	*ds = writable[n] ? page : view;
	n   = (n + 1) % (sizeof writable / sizeof *writable);
	return error;
}

static enum error report_op_submit(struct rpc_object *object, uint64_t size)
{
	forget();
	return ERROR_OK;
}

static struct report_ops const report_ops = {
	.dataspace = report_op_dataspace, .submit = report_op_submit };

/* -- both -- */

enum error lies_open(struct env *env, signal_cap_t requests)
{
	the_env = env;
	rom_object_init(&rom, &rom_ops);
	report_object_init(&report, &report_ops);
	enum error error = rpc_object_open(&rom, env->ep);
	if (!error) error = rpc_object_open(&report, env->ep);
	if (!error) error = parent_announce(env->parent, "ROM", requests);
	if (!error) error = parent_announce(env->parent, "Report", requests);
	return error;
}

cap_t lies_session(char const *service)
{
	if (string_equal(service, "ROM"))
		return rom.cap;
	return string_equal(service, "Report") ? report.cap : 0;
}
