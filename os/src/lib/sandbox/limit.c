/* SPDX-License-Identifier: MIT */
/*
 * Limits of CPU sessions, and affinity of all
 *
 * A child's own session has those of its start node; those that it opens for its
 * children are bounded by them. Both change while the sessions are open. The
 * affinity bounds other sessions, too: it says where an interrupt arrives.
 */

/* public */
#include <base/hid.h>
#include <base/log.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "connection.h"

/* -- sessions that the child asked for -- */

/** Text of a CPU session, bounded by what the client itself has */
static void bound_text(struct connection *c)
{
	struct policy const *const policy = &c->client->policy;
	struct hid nodes[2];
	struct hid_document text = { .nodes = nodes, .capacity = 2 };
	error_ignore(hid_parse_text(&text, c->wish, NULL), "then the default");
	uint64_t const asked = hid_uint(hid_top(&text), "priority",
	                                policy->priority);
	uint64_t const quota = policy->cpu_quota
		? hid_uint(hid_top(&text), "quota", 0) : 0;     /* core bounds it */
	format_text(c->text, sizeof c->text, "cpu | priority: %lu | quota: %lu",
	            min(asked, (uint64_t)policy->priority), quota);
}

static void bound_affinity(struct connection *c)
{
	uint32_t const first = c->client->policy.cpu_first;
	uint32_t const cpus  = c->client->policy.cpu_count;
	struct affinity *const a = &c->affinity;
	*a = c->asked_affinity;
	a->first = min(a->first, (cpus ? cpus : UINT32_MAX - first) - 1);
	if (cpus && (!a->count || a->count > cpus - a->first))
		a->count = cpus - a->first;
	a->first += first;
}

bool connection_for_cpus(struct connection const *c)
{
	return string_equal(c->service, "CPU");
}

void connection_set_text(struct connection *c, struct route const *route)
{
	bound_affinity(c);
	if (!connection_for_cpus(c)) {
		string_copy(c->text, sizeof c->text,
		            route->granted ? route->text : c->wish);
		return;
	}
	c->fixed = route->granted;
	if (c->fixed)
		string_copy(c->wish, sizeof c->wish, route->text);
	bound_text(c);
}

/** Core's session follows, even if somebody stands before it */
static enum error change(struct connection *c)
{
	return connection_parent_id(c)
		? parent_change(c->sandbox->env->parent, connection_parent_id(c), c->text)
		: ERROR_GONE;
}

enum error connection_change(struct connection *c, char const *text)
{
	char wish[SESSION_ARGS], former[SESSION_ARGS];
	if (!connection_for_cpus(c))
		return ERROR_INVALID;
	if (c->fixed)
		return ERROR_DENIED;
	string_copy(wish, sizeof wish, c->wish);
	string_copy(former, sizeof former, c->text);
	string_copy(c->wish, sizeof c->wish, text);
	bound_text(c);
	enum error const error = change(c);
	if (error && error != ERROR_AGAIN) {
		string_copy(c->wish, sizeof c->wish, wish);
		string_copy(c->text, sizeof c->text, former);
	}
	return error;
}

enum error connection_move(struct connection *c, struct affinity affinity)
{
	struct affinity const former = c->asked_affinity;
	if (!connection_for_cpus(c))
		return ERROR_INVALID;
	if (!connection_parent_id(c))
		return ERROR_GONE;
	c->asked_affinity = affinity;
	bound_affinity(c);
	enum error const error = parent_move(c->sandbox->env->parent,
		connection_parent_id(c), c->affinity.first, c->affinity.count);
	if (error && error != ERROR_AGAIN) {
		c->asked_affinity = former;
		bound_affinity(c);
	}
	return error;
}

void connection_limit(struct connection *c)
{
	char former[SESSION_ARGS];
	enum error error;
	if (!connection_for_cpus(c) || !connection_parent_id(c))
		return;
	string_copy(former, sizeof former, c->text);
	bound_text(c);
	if (string_equal(former, c->text))
		return;
	do error = change(c);
	while (error == ERROR_AGAIN);
	if (!error)
		return;
	log_warning("%s: CPU session '%s' keeps its limits: %s",
	            c->client->name, c->label, error_text(error));
	string_copy(c->text, sizeof c->text, former);
}

/** To where its client is now; what it asked for is within that */
static void follow_affinity(struct connection *c)
{
	enum error error;
	if (!connection_for_cpus(c) || !connection_parent_id(c))
		return;
	bound_affinity(c);
	do error = parent_move(c->sandbox->env->parent, connection_parent_id(c),
	                       c->affinity.first, c->affinity.count);
	while (error == ERROR_AGAIN);
	if (error)
		log_warning("%s: CPU session '%s' stays where it is: %s",
		            c->client->name, c->label, error_text(error));
}

/* -- its own -- */

enum { CPU_TEXT = 48 };

static void limits_text(struct policy const *p, char text[CPU_TEXT])
{
	format_text(text, CPU_TEXT, "cpu | priority: %u | quota: %u",
	            p->priority, p->cpu_quota);
}

static struct affinity affinity_of(struct policy const *p)
{
	return (struct affinity) { p->cpu_first, p->cpu_count };
}

enum error child_open_cpu(struct child *child)
{
	char text[CPU_TEXT];
	limits_text(&child->policy, text);
	child->priority  = child->policy.priority;
	child->cpu_quota = child->policy.cpu_quota;
	child->affinity  = affinity_of(&child->policy);
	return cpu_open(&child->cpu, child->sandbox->env,
		&(struct session_args) { .label = child->name, .text = text,
		.affinity = child->affinity });
}

bool child_move(struct child *child)
{
	struct affinity const a = affinity_of(&child->policy);
	if (a.first == child->affinity.first && a.count == child->affinity.count)
		return true;
	enum error const error = session_move(&child->cpu.session, a);
	if (error) {
		log_warning("%s is started again: its threads cannot move: %s",
		            child->name, error_text(error));
		return false;
	}
	child->affinity = a;
	list_for_each(&child->clients, node)
		follow_affinity(connection_of_client_node(node));
	return true;
}

/** Of its own threads */
static enum error limit_own(struct child *child)
{
	char text[CPU_TEXT];
	limits_text(&child->policy, text);
	enum error const error = session_change(&child->cpu.session, text);
	if (!error) {
		child->priority  = child->policy.priority;
		child->cpu_quota = child->policy.cpu_quota;
	}
	return error;
}

bool child_limit(struct child *child, bool complain)
{
	if (!child->cpu.cap.cap
	 || (child->priority == child->policy.priority
	     && child->cpu_quota == child->policy.cpu_quota))
		return true;
	enum error error = limit_own(child);
	list_for_each(&child->clients, node)
		connection_limit(connection_of_client_node(node));
	if (error)
		error = limit_own(child);    /* they may have given quota back */
	if (error && complain)
		log_warning("%s (config, line %u): limits of its CPU session stay"
		            " priority %u, quota %u: %s", child->name,
		            child->start->line, child->priority,
		            child->cpu_quota, error_text(error));
	return !error;
}
