/* SPDX-License-Identifier: MIT */
/* Objects to call and to send: sessions, and what calls return */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/log.h>
#include <session/cpu.h>
#include <session/log.h>
#include <session/parent.h>
#include <session/pd.h>
#include <session/rm.h>
#include <session/rom.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

enum { OBJECTS = 96, OTHERS = 40, IDS = 64 };

static struct env    *the_env;
static bool           use_own, use_services;
static struct object  objects[OBJECTS];
static unsigned       n_objects, renewals;
static uint64_t       last_born;

static struct pd_session  pd;
static struct cpu_session cpu;
static struct rm_session  rm;
static struct rom_session rom;
static struct log_session log;

static struct session others[OTHERS];
static unsigned       n_others;

/* sessions that calls of the parent opened */
static uint32_t       ids[IDS];
static unsigned       n_ids;

/* -- by name -- */

static struct rpc_interface const *interface_of(char const *name, size_t length)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++) {
		char const *const other = rpc_interfaces[i].name;
		if (strlen(other) == length && memcmp(other, name, length) == 0)
			return &rpc_interfaces[i];
	}
	return NULL;
}

/** "rom_cap_t" and the like; NULL: nothing that answers calls */
static struct rpc_interface const *interface_of_type(char const *type)
{
	size_t const length = strlen(type);
	return length > 6 ? interface_of(type, length - 6) : NULL;
}

static struct rpc_interface const *interface_of_service(char const *service)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		if (rpc_interfaces[i].service
		 && string_equal(rpc_interfaces[i].service, service))
			return &rpc_interfaces[i];
	return NULL;
}

/* -- the set -- */

static void add(cap_t cap, struct rpc_interface const *interface, bool kept)
{
	struct object const object = { cap, interface, kept, ++last_born };
	if (n_objects < OBJECTS) {
		objects[n_objects++] = object;
		return;
	}
	struct object *const old = &objects[random_below(&chance, OBJECTS)];
	if (old->kept) {
		cap_drop(cap);
		return;
	}
	cap_drop(old->cap);
	*old = object;
}

/** 'interface' may be that of a type of capabilities, "rom_cap_t" */
void object_add(cap_t cap, char const *interface, bool kept)
{
	struct rpc_interface const *const by_name =
		interface_of(interface, strlen(interface));
	add(cap, by_name ? by_name : interface_of_type(interface), kept);
}

void object_forget(struct object *object)
{
	cap_drop(object->cap);
	*object = objects[--n_objects];
}

struct object *object_of(struct rpc_interface const *interface)
{
	for (unsigned i = 0; i < 4 * OBJECTS; i++) {
		struct object *const o = &objects[random_below(&chance, n_objects)];
		if (o->interface == interface)
			return o;
	}
	return NULL;
}

/** Who got our parent could exit in our name: only who may, may have it */
static bool withheld(struct object const *o)
{
	return use_services && o->cap == the_env->parent.cap;
}

/** What was made last is likely to belong to what is called next */
static struct object const *newest(struct rpc_interface const *interface)
{
	struct object const *found = NULL;
	for (unsigned i = 0; i < n_objects; i++)
		if (objects[i].interface == interface && !withheld(&objects[i])
		 && (!found || objects[i].born > found->born))
			found = &objects[i];
	return found;
}

cap_t object_to_send(char const *type)
{
	struct rpc_interface const *const wanted = interface_of_type(type);
	struct object const *const last = wanted ? newest(wanted) : NULL;
	if (random_once(&chance, 16))
		return 0;
	if (last && random_once(&chance, 2))
		return last->cap;
	for (unsigned i = 0; i < 4 * OBJECTS; i++) {
		struct object const *const o =
			&objects[random_below(&chance, n_objects)];
		if (!withheld(o)
		 && (o->interface == wanted || random_once(&chance, 64)))
			return o->cap;
	}
	return 0;
}

/** One of the other servers' sessions */
static struct object *other_object(void)
{
	cap_t const cap = others[random_below(&chance, n_others)].cap;
	for (unsigned i = 0; i < n_objects; i++)
		if (objects[i].cap == cap && objects[i].interface)
			return &objects[i];
	return &objects[0];
}

/** First a kind, then one of that kind: there are many more of some */
struct object *object_any(void)
{
	static char const *const kinds[] = { "pd", "cpu", "rm", "parent", "thread",
		"dataspace", "rom", "log", "pd", "rm" };
	char const *const kind =
		kinds[random_below(&chance, sizeof kinds / sizeof *kinds)];
	if (n_others && random_once(&chance, 2))
		return other_object();
	struct object *const o = object_of(interface_of(kind, strlen(kind)));
	return o ? o : &objects[0];
}

/* -- sessions of all services -- */

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

static void open_one(struct rpc_interface const *interface, char const *label)
{
	if (!interface || n_others == OTHERS)
		return;
	struct session *const s = &others[n_others];
	enum error const error = session_open(s, the_env, interface->service,
		&(struct session_args) { .label = label,
			.text = text_of(interface->service),
			.ram = 32 * 1024, .caps = 4 },
		interface->ram, interface->caps);
	if (error)
		return;
	add(s->cap, interface, true);
	n_others++;
}

/** Sessions with labels, which the configuration names */
static void open_labelled(void)
{
	for (struct hid const *n = NULL;
	     (n = hid_next(the_env->config, n, "session"));) {
		char service[32] = "", label[64] = "";
		hid_name(n, service, sizeof service);
		hid_string(n, "label", label, sizeof label);
		open_one(interface_of_service(service), label);
	}
}

static void open_services(void)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		if (rpc_interfaces[i].service)
			open_one(&rpc_interfaces[i], "");
}

/* -- all of it; any may fail for lack of means -- */

static void open_domain(void)
{
	rm_cap_t space;
	enum error const error = pd_open(&pd, the_env, &(struct session_args) {
		.label = "victim", .ram = 256 * 1024, .caps = 20 });
	if (error) {
		log_warning("no domain to work on: %s", error_text(error));
		return;
	}
	object_add(pd.cap.cap, "pd", true);
	if (!pd_address_space(pd.cap, &space))
		object_add(space.cap, "rm", true);
}

static void open_all(void)
{
	struct env *const env = the_env;
	struct session_args const culprit = { .label = "culprit" };
	object_add(env->parent.cap, "parent", true);
	if (use_own) {
		object_add(env->pd.cap, "pd", true);
		object_add(env->cpu.cap, "cpu", true);
		object_add(env->rm.cap, "rm", true);
	}
	open_domain();
	if (!cpu_open(&cpu, env, NULL))
		object_add(cpu.cap.cap, "cpu", true);
	if (!rm_open(&rm, env, NULL))
		object_add(rm.cap.cap, "rm", true);
	if (!log_open(&log, env, NULL))
		object_add(log.cap.cap, "log", true);
	if (!rom_open(&rom, env, &culprit))
		object_add(rom.cap.cap, "rom", true);
	open_labelled();
	if (use_services)
		open_services();
}

void objects_open(struct env *env, bool own, bool services)
{
	the_env      = env;
	use_own      = own;
	use_services = services;
	open_all();
}

static void close_id(uint32_t id)
{
	while (parent_close(the_env->parent, id) == ERROR_AGAIN)
		;       /* a part is done; it may be closed already */
}

void objects_note_session(uint32_t id)
{
	if (n_ids == IDS)
		close_id(ids[--n_ids]);
	ids[n_ids++] = id;
}

void objects_renew(void)
{
	while (n_ids)
		close_id(ids[--n_ids]);
	for (unsigned i = 0; i < n_objects; i++)
		if (!objects[i].kept)
			cap_drop(objects[i].cap);
	n_objects = 0;
	pd_close(&pd);
	cpu_close(&cpu);
	rm_close(&rm);
	rom_close(&rom);
	log_close(&log);
	while (n_others)
		session_close(&others[--n_others]);
	renewals++;
	open_all();
}

unsigned objects_renewals(void)
{
	return renewals;
}
