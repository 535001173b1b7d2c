/* SPDX-License-Identifier: MIT */
/*
 * Trade with children
 *
 * A child's quota lies between what its start node gives it and what it may
 * have at most. It grows when the child asks for more, and when the
 * configuration says so. If the configuration takes something away, what is free
 * is taken at once, the rest when the child gives it back.
 */

/* public */
#include <base/hid.h>
#include <base/log.h>
#include <session/parent.h>
#include <util/minmax.h>

/* local */
#include "child.h"

enum {
	RAM_STEP     = 64 * 1024,   /* a child that asks gets at least so much … */
	CAPS_STEP    = 8,           /* … if it may have it */
};

/** Amounts of one trade */
struct means { uint64_t ram, caps; };

static uint64_t configured(uint64_t own, uint64_t otherwise)
{
	return own == POLICY_DEFAULT ? otherwise : own;
}

static struct means least(struct child const *child)
{
	struct sandbox_config const *const c = &child->sandbox->config;
	return (struct means) { configured(child->policy.ram, c->ram),
	                        configured(child->policy.caps, c->caps) };
}

static struct means most(struct child const *child)
{
	struct sandbox_config const *const c = &child->sandbox->config;
	struct means const m = least(child);
	return (struct means) {
		max(m.ram, configured(child->policy.ram_max, c->ram_max)),
		max(m.caps, configured(child->policy.caps_max, c->caps_max)) };
}

static enum error give(struct child *child, uint64_t ram, uint64_t caps)
{
	enum error const error = pd_transfer(child->sandbox->env->pd,
	                                     child->pd.cap, ram, caps);
	if (error)
		return error;
	child->ram  += ram;
	child->caps += caps;
	sandbox_touch(child->sandbox);
	return ERROR_OK;
}

enum error child_endow(struct child *child)
{
	struct means const m = least(child);
	return give(child, m.ram, m.caps);
}

/* -- the child asks -- */

/** What it gets if it wants 'want' and may have 'room' more; 0: too much */
static uint64_t portion(uint64_t want, uint64_t room, uint64_t step)
{
	return want > room ? 0 : !want ? 0 : max(want, min(step, room));
}

/** DENIED: it may not have that much. NO_RAM, NO_CAPS: the sandbox has not */
static enum error grant(struct child *child)
{
	struct means const limit = most(child);
	uint64_t const ram = portion(child->wants_ram,
		limit.ram - min(child->ram, limit.ram), RAM_STEP);
	uint64_t const caps = portion(child->wants_caps,
		limit.caps - min(child->caps, limit.caps), CAPS_STEP);
	if ((child->wants_ram && !ram) || (child->wants_caps && !caps))
		return ERROR_DENIED;
	enum error error = give(child, ram, caps);
	if (error && sandbox_ask(child->sandbox, error, ram, caps))
		error = give(child, ram, caps);
	if (!error)
		child->wants_ram = child->wants_caps = 0;
	return error;
}

static void wait(struct child *child, signal_cap_t available)
{
	cap_keep(available.cap);
	cap_drop(child->available.cap);
	child->available = available;
}

enum error child_ask(struct child *child, uint64_t ram, uint64_t caps,
                     signal_cap_t available)
{
	child->wants_ram  = ram;
	child->wants_caps = caps;
	sandbox_touch(child->sandbox);
	enum error const error = grant(child);
	if (!error)
		return ERROR_OK;
	bool const later = child->policy.waits
	                   || (error != ERROR_DENIED && child->sandbox->asking);
	if (!later || !available.cap)
		return ERROR_DENIED;
	wait(child, available);
	return ERROR_AGAIN;
}

void child_grant(struct child *child)
{
	if (!child->available.cap || (!child->wants_ram && !child->wants_caps))
		return;
	if (grant(child) == ERROR_OK)
		error_ignore(signal_submit(child->available), "it is ending");
}

/* -- the configuration takes -- */

/** Take up to 'want' of what is free; what is left to take */
static uint64_t take_ram(struct child *child, uint64_t want)
{
	struct pd_account a;
	if (!want || pd_account(child->pd.cap, &a))
		return want;
	uint64_t const ram = min(want, a.ram_limit - a.ram_used);
	if (pd_transfer(child->pd.cap, child->sandbox->env->pd, ram, 0))
		return want;
	child->ram -= ram;
	return want - ram;
}

static uint64_t take_caps(struct child *child, uint64_t want)
{
	struct pd_account a;
	if (!want || pd_account(child->pd.cap, &a))
		return want;
	uint64_t const caps = min(want, a.caps_limit - a.caps_used);
	if (pd_transfer(child->pd.cap, child->sandbox->env->pd, 0, caps))
		return want;
	child->caps -= caps;
	return want - caps;
}

static void reduce(struct child *child, struct means const *limit)
{
	uint64_t const ram = child->owes_ram, caps = child->owes_caps;
	child->owes_ram  = take_ram(child, child->ram
	                            - min(child->ram, limit->ram));
	child->owes_caps = take_caps(child, child->caps
	                             - min(child->caps, limit->caps));
	if (child->owes_ram != ram || child->owes_caps != caps)
		sandbox_touch(child->sandbox);
}

void child_adjust(struct child *child, bool complain)
{
	struct means const lower = least(child), upper = most(child);
	if (!child->pd.cap.cap)
		return;

	bool const owed = child->owes_ram || child->owes_caps;
	reduce(child, &upper);
	if (!owed && (child->owes_ram || child->owes_caps))
		child_call(child);

	struct means const missing = {
		lower.ram - min(lower.ram, child->ram),
		lower.caps - min(lower.caps, child->caps) };
	if (!missing.ram && !missing.caps)
		return;
	enum error const error = give(child, missing.ram, missing.caps);
	if (error && complain)
		log_warning("%s: quota stays %lu bytes, %lu capabilities: %s",
		            child->name, child->ram, child->caps,
		            error_text(error));
	if (error)
		return;
	child->wants_ram = child->wants_caps = 0;
	if (child->available.cap)
		error_ignore(signal_submit(child->available), "it is ending");
}

void child_call(struct child *child)
{
	if (!child->attention.cap
	 && pd_attention(child->pd.cap, &child->attention))
		child->attention.cap = 0;   /* as if it did not hear it */
	if (child->attention.cap)
		error_ignore(signal_submit(child->attention), "it is ending");
}

/* -- the own parent -- */

bool sandbox_ask(struct sandbox *sandbox, enum error reason, uint64_t ram,
                 uint64_t caps)
{
	if (sandbox->asking || (reason != ERROR_NO_RAM && reason != ERROR_NO_CAPS))
		return false;
	enum error const error = parent_resource_request(sandbox->env->parent,
		ram, caps, sandbox->available.cap);
	sandbox->asking = error == ERROR_AGAIN;
	return !error;
}
