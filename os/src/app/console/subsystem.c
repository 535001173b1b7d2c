/* SPDX-License-Identifier: MIT */
/* Subsystems */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <base/log.h>
#include <os/sandbox.h>
#include <session/pd.h>
#include <util/string.h>

/* local */
#include "subsystem.h"

enum { PARTS = 24, TEXT = 16384, NODES = 512 };

static struct env *the_env;
static struct part parts[PARTS];
static unsigned    n_parts;
static void      (*state_changed)(void);

/** Attributes that belong to the start node, not to the component */
static char const *const start_tags[] = {
	"ram", "caps", "priority", "cpu_quota" };

static void state(struct sandbox *sandbox)
{
	state_changed();
}

static struct sandbox_ops const ops = { .state = state };
static struct sandbox sandbox = { .ops = &ops };

/* -- configuration of the sandbox -- */

static bool start_tag(char const *tag)
{
	for (size_t i = 0; i < sizeof start_tags / sizeof start_tags[0]; i++)
		if (string_equal(start_tags[i], tag))
			return true;
	return false;
}

static bool changed(struct part const *part, struct hid_attribute const *a)
{
	for (unsigned i = 0; i < part->n_changes; i++) {
		char const *const tag = part->changes[i].tag;
		if (strlen(tag) == a->tag_length
		 && !memcmp(tag, a->tag, a->tag_length))
			return true;
	}
	return false;
}

/** Attributes of 'node', with the changes that concern it ('of_start' or not) */
static void put_attributes(struct hid_writer *w, struct part const *part,
                           struct hid const *node, bool of_start)
{
	struct hid_attribute a = { 0 };
	char tag[SUBSYSTEM_NAME], value[256];
	while (hid_attribute_next(node, &a)) {
		if (changed(part, &a) || a.tag_length >= sizeof tag
		 || a.value_length >= sizeof value)
			continue;
		string_copy_part(tag, sizeof tag, a.tag, a.tag_length);
		string_copy_part(value, sizeof value, a.value, a.value_length);
		if (string_equal(tag, "name"))
			hid_put_name(w, value);
		else
			hid_put_string(w, tag, value);
	}
	for (unsigned i = 0; i < part->n_changes; i++)
		if (start_tag(part->changes[i].tag) == of_start)
			hid_put_string(w, part->changes[i].tag,
			               part->changes[i].value);
}

static void put_config(struct hid_writer *w, struct part const *part,
                       struct hid const *config)
{
	hid_begin(w, "config");
	put_attributes(w, part, config, false);
	for (struct hid const *n = NULL; (n = hid_next(config, n, NULL));)
		hid_put_node(w, n);
	hid_end(w);
}

/** The user's routes first, then those that it would have without them */
static void put_route(struct hid_writer *w, struct part const *part)
{
	struct hid const *const own = hid_next(part->start, NULL, "route");
	struct hid const *const others = hid_next(
		hid_next(the_env->config, NULL, "sandbox"), NULL, "default-route");
	if (!own && !part->n_routes)
		return;
	hid_begin(w, "route");
	for (unsigned i = 0; i < part->n_routes; i++) {
		hid_begin(w, "service");
		hid_put_name(w, part->routes[i].tag);
		hid_begin(w, "child");
		hid_put_name(w, part->routes[i].value);
		hid_end(w);
		hid_end(w);
	}
	hid_put_content(w, own ? own : others);
	hid_end(w);
}

static void put_start(struct hid_writer *w, struct part const *part)
{
	hid_begin(w, "start");
	put_attributes(w, part, part->start, true);
	if (part->version)
		hid_put_uint(w, "version", part->version);
	for (struct hid const *n = NULL; (n = hid_next(part->start, n, NULL));)
		if (!hid_type_equals(n, "config") && !hid_type_equals(n, "route"))
			hid_put_node(w, n);
	put_route(w, part);
	put_config(w, part, hid_next(part->start, NULL, "config"));
	hid_end(w);
}

static enum error apply(void)
{
	static char       text[TEXT];
	static struct hid nodes[NODES];
	struct hid_document document = { .nodes = nodes, .capacity = NODES };
	struct hid_error where;
	struct hid_writer w;
	size_t length;

	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "config");
	hid_put_content(&w, hid_next(the_env->config, NULL, "sandbox"));
	for (unsigned i = 0; i < n_parts; i++)
		if (parts[i].on)
			put_start(&w, &parts[i]);
	hid_end(&w);

	enum error error = hid_finish(&w, &length);
	if (!error)
		error = hid_parse(&document, text, length, &where);
	if (!error)
		error = sandbox_configure(&sandbox, hid_top(&document));
	return error;
}

/* -- parts -- */

struct part *subsystem_next(struct part *part)
{
	struct part *const next = part ? part + 1 : parts;
	return next < parts + n_parts ? next : NULL;
}

struct part *subsystem_part(char const *name)
{
	for (unsigned i = 0; i < n_parts; i++)
		if (string_equal(parts[i].name, name))
			return &parts[i];
	return NULL;
}

static bool meant(struct part const *part, char const *name)
{
	return string_equal(part->name, name)
	       || string_equal(part->subsystem, name);
}

unsigned subsystem_count(char const *name)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_parts; i++)
		n += meant(&parts[i], name);
	return n;
}

enum error subsystem_switch(char const *name, bool on)
{
	bool found = false;
	for (unsigned i = 0; i < n_parts; i++)
		if (meant(&parts[i], name)) {
			parts[i].on = on;
			found = true;
		}
	return found ? apply() : ERROR_NOT_FOUND;
}

enum error subsystem_restart(char const *name)
{
	for (unsigned i = 0; i < n_parts; i++)
		if (meant(&parts[i], name))
			parts[i].version++;
	return subsystem_switch(name, true);
}

enum error subsystem_reset(void)
{
	for (unsigned i = 0; i < n_parts; i++) {
		parts[i].on        = parts[i].on_first;
		parts[i].n_changes = parts[i].n_routes = 0;
	}
	return apply();
}

/** Room for a change of 'tag'; NULL: there is none */
static struct change *change_of(struct part *part, char const *tag)
{
	for (unsigned i = 0; i < part->n_changes; i++)
		if (string_equal(part->changes[i].tag, tag))
			return &part->changes[i];
	return part->n_changes < SUBSYSTEM_CHANGES
	       ? &part->changes[part->n_changes] : NULL;
}

static bool tag_valid(char const *tag)
{
	if (*tag < 'a' || *tag > 'z' || string_equal(tag, "name")
	 || string_equal(tag, "version"))
		return false;
	for (; *tag; tag++)
		if (!(*tag >= 'a' && *tag <= 'z') && !(*tag >= '0' && *tag <= '9')
		 && *tag != '_' && *tag != '-')
			return false;
	return true;
}

/** Present value of a number in the start node */
static uint64_t present(struct part const *part, char const *tag)
{
	uint64_t value = hid_uint(part->start, tag, 0);
	for (unsigned i = 0; i < part->n_changes; i++)
		if (string_equal(part->changes[i].tag, tag))
			string_number(part->changes[i].value,
			              strlen(part->changes[i].value), &value);
	return value;
}

/** Whether the console has what 'part' is to get */
static enum error affordable(struct part const *part, char const *tag,
                             char const *value)
{
	struct pd_account account;
	uint64_t wanted;
	enum error const error = pd_account(the_env->pd, &account);
	if (error || !part->on || !string_number(value, strlen(value), &wanted)
	 || wanted < present(part, tag))
		return error;
	wanted -= present(part, tag);
	if (string_equal(tag, "ram"))
		return wanted > account.ram_limit - account.ram_used
		       ? ERROR_NO_RAM : ERROR_OK;
	if (string_equal(tag, "caps"))
		return wanted > account.caps_limit - account.caps_used
		       ? ERROR_NO_CAPS : ERROR_OK;
	return ERROR_OK;
}

enum error subsystem_set(char const *name, char const *tag, char const *value)
{
	struct part *const part = subsystem_part(name);
	if (!part)
		return ERROR_NOT_FOUND;
	if (!tag_valid(tag))
		return ERROR_INVALID;
	struct change *const change = change_of(part, tag);
	if (!change || strlen(tag) >= sizeof change->tag
	 || strlen(value) >= sizeof change->value)
		return ERROR_LIMIT;
	enum error error = affordable(part, tag, value);
	if (error)
		return error;

	/* a configuration that is refused leaves everything as it was */
	struct part const before = *part;
	string_copy(change->tag, sizeof change->tag, tag);
	string_copy(change->value, sizeof change->value, value);
	if (change == &part->changes[part->n_changes])
		part->n_changes++;
	error = apply();
	if (error)
		*part = before;
	return error;
}

enum error subsystem_route(char const *name, char const *service,
                           char const *server)
{
	struct part *const part = subsystem_part(name);
	if (!part || !subsystem_part(server))
		return ERROR_NOT_FOUND;
	struct part const before = *part;
	unsigned i = 0;
	while (i < part->n_routes && !string_equal(part->routes[i].tag, service))
		i++;
	if (i == SUBSYSTEM_ROUTES
	 || !string_copy(part->routes[i].tag, SUBSYSTEM_NAME, service)
	 || !string_copy(part->routes[i].value, SUBSYSTEM_VALUE, server)) {
		*part = before;
		return ERROR_LIMIT;
	}
	if (i == part->n_routes)
		part->n_routes++;
	enum error const error = apply();
	if (error)
		*part = before;
	return error;
}

uint64_t subsystem_start_number(char const *name)
{
	struct hid const *const state_now = subsystem_state();
	for (struct hid const *c = NULL; (c = hid_next(state_now, c, "child"));)
		if (hid_equals(c, "name", name))
			return hid_uint(c, "id", 0);
	return 0;
}

static void add_parts(struct hid const *subsystem)
{
	for (struct hid const *s = NULL; (s = hid_next(subsystem, s, "start"));) {
		if (n_parts == PARTS) {
			log_warning("line %u: too many components", s->line);
			return;
		}
		struct part *const part = &parts[n_parts];
		if (!hid_name(s, part->name, sizeof part->name)
		 || !hid_name(subsystem, part->subsystem,
		              sizeof part->subsystem)) {
			log_warning("line %u: name is missing or too long",
			            s->line);
			continue;
		}
		part->start    = s;
		part->on_first = hid_bool(subsystem, "start", true);
		part->on       = part->on_first;
		n_parts++;
	}
}

struct hid const *subsystem_state(void)
{
	static char       text[TEXT];
	static struct hid nodes[NODES];
	struct hid_document document = { .nodes = nodes, .capacity = NODES };
	struct hid_writer w;
	size_t length;

	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "state");
	sandbox_report(&sandbox, &w);
	hid_end(&w);
	if (hid_finish(&w, &length) != ERROR_OK
	 || hid_parse(&document, text, length, NULL) != ERROR_OK)
		return NULL;
	return hid_top(&document);
}

/**
 * Let the heap grow now by what the sandbox will need for further components
 *
 * The heap keeps what it once took. Later differences in the console's account
 * are then those of the components alone.
 */
static void set_aside(struct env *env)
{
	enum { PIECES = 24 };
	static size_t const sizes[] = { 64, 128, 192, 256, 384, 512, 768, 1024 };
	void *pieces[PIECES];
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		for (unsigned i = 0; i < PIECES; i++)
			pieces[i] = heap_alloc(env->heap, sizes[s]);
		for (unsigned i = 0; i < PIECES; i++)
			heap_free(env->heap, pieces[i], sizes[s]);
	}
}

enum error subsystem_open(struct env *env, void (*changed_)(void))
{
	the_env       = env;
	state_changed = changed_;
	for (struct hid const *s = NULL; (s = hid_next(env->config, s, "subsystem"));)
		add_parts(s);
	set_aside(env);
	enum error const error = sandbox_open(&sandbox, env);
	return error ? error : apply();
}
