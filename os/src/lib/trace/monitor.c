/* SPDX-License-Identifier: MIT */
/* Trace monitor */

#include <base/heap.h>
#include <base/hid.h>
#include <base/log.h>
#include <os/trace_monitor.h>
#include <util/container_of.h>
#include <util/string.h>

enum { DEFAULT_SIZE = 16 * 1024 };

/* an event that is not complete although so many came after it never will be */
enum { HOPELESS = 8 };

static struct trace_subject *of(struct list_node *node)
{
	return container_of(node, struct trace_subject, node);
}

static struct trace_subject *by_id(struct trace_monitor *m, uint32_t id)
{
	list_for_each(&m->subjects, node)
		if (of(node)->id == id)
			return of(node);
	return NULL;
}

/* -- events -- */

/** Copy event 'number'; false: it is not there */
static bool copy(struct trace_subject const *s, uint64_t number,
                 struct trace_event *event)
{
	struct trace_event const *const from =
		&s->buffer->event[number % s->slots];
	if (__atomic_load_n(&from->number, __ATOMIC_ACQUIRE) != number)
		return false;
	*event = *(struct trace_event const volatile *)from;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&from->number, __ATOMIC_RELAXED) == number;
}

/** Next event; false: none that is complete */
static bool next(struct trace_subject *s, struct trace_event *event)
{
	uint64_t const head = __atomic_load_n(&s->buffer->head, __ATOMIC_ACQUIRE);
	if (head - s->tail > s->slots) {    /* overtaken, or nonsense */
		s->lost += head - s->tail - s->slots;
		s->tail  = head - s->slots;
	}
	for (; s->tail != head; s->tail++, s->lost++) {
		if (copy(s, s->tail + 1, event)) {
			s->tail++;
			return true;
		}
		if (head - s->tail <= HOPELESS && s->alive)
			return false;
	}
	return false;
}

static void read_events(struct trace_monitor *m, struct trace_subject *s)
{
	struct trace_event event;
	if (!s->buffer)
		return;
	/* bounded, or a fast thread would keep us for ever */
	for (uint64_t n = s->slots; n && next(s, &event); n--)
		if (m->ops->event)
			m->ops->event(m, s, &event);
	if (m->ops->done)
		m->ops->done(m, s);
}

void trace_monitor_read(struct trace_monitor *m)
{
	list_for_each(&m->subjects, node)
		read_events(m, of(node));
}

/* -- subjects -- */

static enum error start(struct trace_monitor *m, uint32_t id, uint32_t policy,
                        dataspace_cap_t *ds)
{
	enum { ATTEMPTS = 3 };
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		error = trace_start(m->session.cap, id, policy, m->size, ds);
		if (error != ERROR_DONATE_RAM && error != ERROR_DONATE_CAPS)
			break;
		enum error const poor = session_upgrade(
			&m->session.session, m->size + 8192, 2);
		if (poor)
			return poor;
	}
	return error;
}

static void stop(struct trace_monitor *m, struct trace_subject *s)
{
	cap_drop(s->ds.cap);
	while (trace_stop(m->session.cap, s->id) == ERROR_AGAIN)
		continue;
}

static void trace(struct trace_monitor *m, struct trace_subject *s)
{
	static unsigned logged;
	void *at = NULL;
	uint32_t const policy = m->ops && m->ops->policy ? m->ops->policy(m, s) : 0;
	if (!policy)
		return;
	enum error error = start(m, s->id, policy, &s->ds);
	if (!error) {
		error = ram_attach_part(m->env, s->ds, m->size, false, &at);
		if (error)
			stop(m, s);
	}
	if (error && log_few(&logged))
		log_warning("%s, thread %s is not traced: %s", s->label, s->name,
		            error_text(error));
	s->buffer = at;
	s->slots  = m->size / sizeof(struct trace_event) - 1;
}

static void forget(struct trace_monitor *m, struct trace_subject *s)
{
	read_events(m, s);
	if (s->buffer) {
		ram_detach(m->env, (void *)s->buffer);
		stop(m, s);
	}
	list_remove(&s->node);
	heap_free(m->env->heap, s, sizeof *s);
}

static enum error renew(struct trace_monitor *m, uint32_t id, char const *label,
                        char const *name)
{
	struct trace_subject *s = by_id(m, id);
	bool const fresh = !s;
	if (fresh) {
		s = heap_alloc(m->env->heap, sizeof *s);
		if (!s)
			return ERROR_NO_RAM;
		s->id = id;
		string_copy(s->label, sizeof s->label, label);
		string_copy(s->name, sizeof s->name, name);
		list_append(&m->subjects, &s->node);
		trace(m, s);
	}
	uint64_t const before = s->info.time_us;
	if (trace_info(m->session.cap, id, &s->info))
		return ERROR_OK;    /* it ended just now: dead at the next update */
	s->spent_us = fresh ? 0 : s->info.time_us - before;
	s->alive    = true;
	return ERROR_OK;
}

enum error trace_monitor_update(struct trace_monitor *m)
{
	char label[144], name[32];
	uint32_t id;
	list_for_each(&m->subjects, node)
		of(node)->alive = false;

	enum error error = trace_rewind(m->session.cap);
	while (!error) {
		error = trace_next(m->session.cap, &id, label, name);
		if (!error)
			error = renew(m, id, label, name);
		else if (error == ERROR_AGAIN)
			error = ERROR_OK;
	}
	if (error != ERROR_NOT_FOUND)
		return error;
	list_for_each_safe(&m->subjects, node)
		if (!of(node)->alive)
			forget(m, of(node));
	return ERROR_OK;
}

enum error trace_monitor_open(struct trace_monitor *m, struct env *env)
{
	m->env = env;
	if (!m->size)
		m->size = DEFAULT_SIZE;
	return trace_open(&m->session, env, NULL);
}

void trace_monitor_close(struct trace_monitor *m)
{
	list_for_each_safe(&m->subjects, node)
		forget(m, of(node));
	trace_close(&m->session);
}

/* -- configuration -- */

static bool fits(struct hid const *node, struct trace_subject const *s)
{
	char text[144];
	if (hid_string(node, "label", text, sizeof text)) {
		size_t const length = strlen(text);
		if (!string_starts(s->label, text)
		 || (s->label[length] && !string_starts(s->label + length, " -> ")))
			return false;
	}
	return !hid_has(node, "thread") || hid_equals(node, "thread", s->name);
}

uint32_t trace_configured_policy(struct hid const *config,
                                 struct trace_subject const *s)
{
	static struct { char const *tag; uint32_t bit; } const tags[] = {
		{ "call", TRACE_POLICY_CALL }, { "dispatch", TRACE_POLICY_DISPATCH },
		{ "signal", TRACE_POLICY_SIGNAL }, { "fault", TRACE_POLICY_FAULT },
		{ "mark", TRACE_POLICY_MARK },
	};
	for (struct hid const *n = NULL; (n = hid_next(config, n, "trace"));) {
		uint32_t policy = 0;
		if (!fits(n, s))
			continue;
		for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
			if (hid_bool(n, tags[i].tag, false))
				policy |= tags[i].bit;
		return policy ? policy : TRACE_POLICY_ALL;
	}
	return 0;
}
