/* SPDX-License-Identifier: MIT */
/* Sessions to work on, of core, the parent and servers */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/log.h>
#include <session/cpu.h>
#include <session/parent.h>
#include <session/pd.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

enum { SESSIONS = 48, IDS = 24, ANSWERS = 256 };

static struct env    *the_env;
static bool           use_own, use_services;
static unsigned       renewals;

static struct session sessions[SESSIONS];
static unsigned       n_sessions;

/* sessions that calls of the parent opened */
static struct { uint32_t id; struct kind *kind; } noted[IDS];
static unsigned       n_noted;

/* -- one of a service -- */

/** What a session has to say, for those that do not open without */
static char const *text_of(char const *service)
{
	static struct { char const *service, *text; } const texts[] = {
		{ "IO_MEM",  "io_mem | base: 0xd0000000 | size: 8192" },
		{ "IO_PORT", "io_port | base: 0x2000 | size: 16" },
		{ "IRQ",     "irq | trigger: msi" },
	};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		if (string_equal(texts[i].service, service))
			return texts[i].text;
	return "";
}

static struct session *open_one(struct kind *kind, char const *label,
                                size_t ram, size_t caps)
{
	struct rpc_interface const *const i = kind ? kind->interface : NULL;
	if (!i || n_sessions == SESSIONS)
		return NULL;
	struct session *const s = &sessions[n_sessions];
	if (session_open(s, the_env, i->service, &(struct session_args) {
	                 .label = label, .text = text_of(i->service),
	                 .ram = ram, .caps = caps }, i->ram, i->caps))
		return NULL;
	object_add(kind, s->cap, true, NULL);
	n_sessions++;
	return s;
}

static void open_domain(void)
{
	rm_cap_t space;
	struct session const *const s =
		open_one(kind_of("pd"), "victim", 256 * 1024, 20);
	if (!s)
		log_warning("no domain to work on");
	else if (!pd_address_space((pd_cap_t) { s->cap }, &space))
		object_add(kind_of("rm"), space.cap, false, NULL);
}

/** Sessions with labels, which the configuration names */
static void open_labelled(void)
{
	for (struct hid const *n = NULL;
	     (n = hid_next(the_env->config, n, "session"));) {
		char service[32] = "", label[64] = "";
		hid_name(n, service, sizeof service);
		hid_string(n, "label", label, sizeof label);
		open_one(kind_of_service(service), label, 32 * 1024, 4);
	}
}

static void open_services(void)
{
	for (unsigned i = 0; i < n_kinds; i++)
		if (kinds[i].interface && kinds[i].interface->service)
			open_one(&kinds[i], "", 32 * 1024, 4);
}

/* -- all of them; any may fail for lack of means -- */

static void open_all(void)
{
	struct env *const env = the_env;
	object_add(kind_of("parent"), env->parent.cap, true, NULL);
	if (use_own) {
		object_add(kind_of("pd"), env->pd.cap, true, NULL);
		object_add(kind_of("cpu"), env->cpu.cap, true, NULL);
		object_add(kind_of("rm"), env->rm.cap, true, NULL);
	}
	open_domain();
	open_one(kind_of("rom"), "culprit", 0, 0);
	if (!use_services) {
		open_one(kind_of("cpu"), "", 0, 0);
		open_one(kind_of("rm"), "", 0, 0);
		open_one(kind_of("log"), "", 0, 0);
	}
	open_labelled();
	if (use_services)
		open_services();
	else
		open_one(kind_of("pd"), "other", 64 * 1024, 8);
}

void sessions_open(struct env *env, bool own, bool services)
{
	the_env      = env;
	use_own      = own;
	use_services = services;
	if (services || hid_bool(env->config, "withhold", false))
		objects_withhold(env->parent.cap);
	open_all();
}

/* -- those of calls of the parent -- */

static void close_id(uint32_t id)
{
	while (parent_close(the_env->parent, id) == ERROR_AGAIN)
		;       /* a part is done; it may be closed already */
}

void session_note(uint32_t id, struct kind *kind)
{
	if (n_noted == IDS) {
		close_id(noted[0].id);
		memmove(noted, noted + 1, --n_noted * sizeof *noted);
	}
	noted[n_noted].id     = id;
	noted[n_noted++].kind = kind;
}

struct kind *session_kind(uint32_t id)
{
	for (unsigned i = 0; i < n_noted; i++)
		if (noted[i].id == id)
			return noted[i].kind;
	return NULL;
}

/** As the server of itself: whatever is asked of it ends */
static void answer_requests(void)
{
	for (unsigned i = 0; i < ANSWERS; i++) {
		struct parent_request_info info;
		char service[32], label[128], text[160];
		object_cap_t behind = { 0 };
		if (parent_request(the_env->parent, &info, service, label, text,
		                   &behind))
			return;
		cap_drop(behind.cap);
		error_ignore(parent_respond(the_env->parent, info.id,
		             info.kind == PARENT_CLOSE ? ERROR_OK : ERROR_DENIED),
		             "its client may have closed it");
	}
}

void sessions_renew(void)
{
	while (n_noted)
		close_id(noted[--n_noted].id);
	objects_forget();
	while (n_sessions)
		session_close(&sessions[--n_sessions]);
	answer_requests();
	values_forget();
	renewals++;
	open_all();
}

unsigned sessions_renewals(void)
{
	return renewals;
}
