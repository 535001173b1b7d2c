/* SPDX-License-Identifier: MIT */
/** What all sessions at core share */

/* public */
#include <base/log.h>
#include <util/string.h>

/* internal */
#include <base/internal/sys.h>

/* local */
#include "session.h"
#include "work.h"

/** Session in memory that its own account pays; NULL: donation too small */
static struct core_session *allocate(struct core_service const *service,
                                     struct session_request const *request)
{
	struct account account = { .ram_limit  = request->ram,
	                           .caps_limit = request->caps };
	struct arena arena = { .account = &account };
	struct core_session *const s = arena_alloc(&arena, service->size);
	if (!s)
		return NULL;
	s->account = account;
	s->arena   = arena;
	s->arena.account = &s->account;
	s->service = service;
	s->ram     = request->ram;
	s->caps    = request->caps;
	string_copy(s->label, sizeof s->label, request->label);
	return s;
}

static void release(struct core_session *s)
{
	struct account account = s->account;
	struct arena arena = s->arena;
	arena.account = &account;

	char const *const name = s->service->name;
	arena_clear(&arena);
	if (account.ram_used || account.caps_used)
		log_error("core: closed %s session kept %lu bytes, %lu caps",
		          name, account.ram_used, account.caps_used);
}

enum error core_session_open(struct core_service const *service,
                             struct session_request const *request,
                             struct core_session **session)
{
	struct core_session *const s = allocate(service, request);
	if (!s)
		return ERROR_DONATE_RAM;

	enum error error = object_open(&s->object, &s->arena,
	                               service->dispatch, service->ops, s);
	if (!error && service->create)
		error = service->create(s, request);
	while (error && !core_session_close(s))
		work_begin();           /* there is little in it yet */
	if (!error)
		*session = s;
	return donation_error(error);
}

bool core_session_close(struct core_session *s)
{
	object_close(&s->object);
	if (s->service->destroy && !s->service->destroy(s))
		return false;
	release(s);
	return true;
}

enum error signal_keep(struct account *account, cap_t *slot, cap_t signal)
{
	if (signal && !*slot) {
		enum error const error = account_take(account, 0, 1);
		if (error)
			return error;
	}
	if (!signal && *slot)
		account_give(account, 0, 1);
	cap_keep(signal);
	cap_drop(*slot);
	*slot = signal;
	return ERROR_OK;
}

char const *label_last(char const *label)
{
	char const *last = label;
	for (; *label; label++)
		if (string_starts(label, "-> "))
			last = label + 3;
	return last;
}
