/* SPDX-License-Identifier: MIT */
/*
 * Real sessions behind those that a sibling or the embedder serves
 *
 * A child that is a parent asks for PD and CPU sessions for its own children. If
 * somebody else serves them, the sandbox opens the real one all the same, with the
 * child's label and within its limits, and hands it to whoever serves: it stays
 * below the child, follows it when limits change, and ends with the session. It is
 * paid by one half of the donation.
 */

/* public */
#include <base/session.h>
#include <util/string.h>

/* local */
#include "connection.h"

bool behind_needed(struct connection const *c, struct route const *route)
{
	return !c->own
	    && (route->target == ROUTE_CHILD || route->target == ROUTE_LOCAL)
	    && (string_equal(c->service, "PD") || connection_for_cpus(c));
}

enum error behind_open(struct connection *c)
{
	struct parent_donation const donation = {
		c->ram / 2, c->caps / 2, c->affinity.first, c->affinity.count,
		true };
	char label[SESSION_LABEL];
	bool pending = false;
	enum error error = route_label(c->client, c->asked, label);
	if (!error)
		error = parent_session(
			c->sandbox->env->parent, c->service, label, c->text,
			&donation, c->sandbox->answers.cap, &c->behind_id,
			&pending, &c->behind);
	if (error) {
		c->behind_id = 0;
		return error;
	}
	connection_at_parent(c, true);
	c->ram  -= c->behind_ram  = donation.ram;
	c->caps -= c->behind_caps = donation.caps;
	return pending ? ERROR_AGAIN : ERROR_OK;
}

enum error behind_poll(struct connection *c)
{
	object_cap_t cap = { 0 };
	enum error const error = parent_session_state(c->sandbox->env->parent,
	                                              c->behind_id, &cap);
	if (error)
		return error;
	if (c->behind.cap) {
		cap_drop(cap.cap);          /* the same once more */
		return ERROR_AGAIN;
	}
	c->behind = cap;
	return ERROR_OK;
}

void behind_close(struct connection *c)
{
	if (!c->behind_id)
		return;
	connection_at_parent(c, false);
	cap_drop(c->behind.cap);
	while (parent_close(c->sandbox->env->parent, c->behind_id)
	       == ERROR_AGAIN)
		;
	connection_refund(c, c->behind_ram, c->behind_caps);
	c->behind_id  = 0;
	c->behind.cap = 0;
	c->behind_ram = c->behind_caps = 0;
}
