/* SPDX-License-Identifier: MIT */
/* State of a sandbox as HID */

/* public */
#include <base/hid.h>

/* local */
#include "config_rom.h"

static void put_account(struct hid_writer *w, pd_cap_t pd)
{
	struct pd_account account;
	if (!pd.cap || pd_account(pd, &account) != ERROR_OK)
		return;
	hid_put_uint(w, "ram",       account.ram_limit);
	hid_put_uint(w, "ram_used",  account.ram_used);
	hid_put_uint(w, "caps",      account.caps_limit);
	hid_put_uint(w, "caps_used", account.caps_used);
}

void sandbox_held(struct sandbox const *sandbox, uint64_t *ram, uint64_t *caps)
{
	*ram = *caps = 0;
	for (struct avl_node *n = avl_first(&sandbox->connections); n;
	     n = avl_next(n)) {
		struct connection const *const c =
			container_of(n, struct connection, by_id);
		if (c->own || !c->client)
			continue;
		*ram  += CONNECTION_RAM + c->more_ram;
		*caps += CONNECTION_CAPS + c->more_caps;
		bool const behind_pending = c->behind_id && !c->behind.cap;
		if (c->state == CONNECTION_QUEUED || c->rom || behind_pending) {
			*ram  += c->ram;
			*caps += c->caps;
		}
		if (c->rom) {
			*ram  -= config_rom_used(c);
			*caps -= 2;             /* dataspace, portal */
		}
	}
}

static void put_state(struct hid_writer *w, struct child const *child)
{
	char binary[CHILD_NAME];
	child_binary(child, binary);
	if (child->policy.binary)
		hid_put_string(w, "binary", binary);
	hid_put_string(w, "state", child_state_name(child));
	hid_put_uint(w, "id", child->id);
	if (child->state == CHILD_EXITED)
		hid_put_hex(w, "exit", (uint32_t)child->exit_value);
	if (child->state == CHILD_FAULTED)
		hid_put_string(w, "fault", child->cause);
	if (child->state == CHILD_FAILED)
		hid_put_string(w, "reason", error_text(child->reason));
	if (child->restarts)
		hid_put_uint(w, "restarts", child->restarts);
	if (child->skipped_beats)
		hid_put_uint(w, "skipped_heartbeats", child->skipped_beats);
	if (child->wants_ram)
		hid_put_uint(w, "wants_ram", child->wants_ram);
	if (child->wants_caps)
		hid_put_uint(w, "wants_caps", child->wants_caps);
	if (child->owes_ram)
		hid_put_uint(w, "owes_ram", child->owes_ram);
	if (child->owes_caps)
		hid_put_uint(w, "owes_caps", child->owes_caps);
}

static void put_time(struct hid_writer *w, struct child const *child)
{
	uint64_t us;
	if (child->cpu.cap.cap && cpu_time(child->cpu.cap, &us) == ERROR_OK)
		hid_put_uint(w, "time_us", us);
}

static void put_connections(struct hid_writer *w, struct child *child)
{
	list_for_each(&child->clients, node) {
		struct connection const *const c =
			connection_of_client_node(node);
		hid_begin(w, "session");
		hid_put_name(w, c->service);
		hid_put_uint(w, "id", c->id);
		hid_put_string(w, "label", c->label);
		hid_put_uint(w, "ram", c->ram + c->behind_ram);
		hid_put_uint(w, "caps", c->caps + c->behind_caps);
		if (c->server)
			hid_put_string(w, "server", c->server->name);
		if (c->state != CONNECTION_OPEN)
			hid_put_string(w, "state",
			               c->state == CONNECTION_FAILED ? "failed"
			               : "pending");
		hid_end(w);
	}
}

static void put_offers(struct hid_writer *w, struct child *child)
{
	list_for_each(&child->offers, node) {
		hid_begin(w, "provides");
		hid_put_name(w, container_of(node, struct offer, node)->name);
		hid_end(w);
	}
}

void sandbox_report(struct sandbox *sandbox, struct hid_writer *w)
{
	put_account(w, sandbox->env->pd);
	list_for_each(&sandbox->children, node) {
		struct child *const child = child_of_node(node);
		hid_begin(w, "child");
		hid_put_name(w, child->name);
		put_state(w, child);
		put_account(w, child->pd.cap);
		put_time(w, child);
		put_offers(w, child);
		if (sandbox->config.lists_sessions)
			put_connections(w, child);
		hid_end(w);
	}
}
