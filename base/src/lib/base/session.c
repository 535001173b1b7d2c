/* SPDX-License-Identifier: MIT */
/* Client side of sessions: a conversation with the parent */

/* public */
#include <base/session.h>
#include <base/signal.h>
#include <base/thread.h>
#include <session/parent.h>
#include <util/string.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/resource.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

/** What struct session holds in its opaque words */
struct session_data {
	uint32_t id;              /* the parent's, 0: none */
	uint32_t state;           /* enum session_state */
	uint64_t reason;          /* enum error of a denial */
};

static struct session_data *data_of(struct session *session)
{
	return (struct session_data *)session->opaque;
}

static struct session_args const no_args;

static void note(char const *service, char const *label)
{
	char *const text = base_state.last_asked;
	string_copy(text, sizeof base_state.last_asked, service);
	string_append(text, sizeof base_state.last_asked, " ");
	string_append(text, sizeof base_state.last_asked, label);
}

/** Take the parent's answer into 'session' */
static void settle(struct session *session, enum error error, object_cap_t cap)
{
	struct session_data *const data = data_of(session);
	switch (error) {
	case ERROR_OK:
		if (session->cap)
			cap_drop(cap.cap); /* the same name once more */
		session->cap = cap.cap;
		data->state  = SESSION_OPEN;
		break;
	case ERROR_AGAIN:
		break;
	case ERROR_GONE:
		data->state = SESSION_GONE;
		break;
	default:
		data->state = data->state == SESSION_OPEN ? SESSION_GONE
		                                          : SESSION_DENIED;
	}
	data->reason = error;
}

static enum error ask(struct session *session, struct env *env,
                      char const *service, struct session_args const *args,
                      struct parent_donation const *donation,
                      signal_cap_t changed)
{
	struct session_data *const data = data_of(session);
	char const *const label = args->label ? args->label : "";
	char const *const text  = args->text ? args->text : "";
	object_cap_t cap = { 0 };
	bool pending = false;

	*session = (struct session) { .env = env };
	note(service, label);
	enum error const error = parent_session(env->parent, service, label, text,
	                                        donation, changed, &data->id,
	                                        &pending, &cap);
	if (error)
		return error;
	data->state = SESSION_PENDING;
	if (!pending)
		settle(session, ERROR_OK, cap);
	return ERROR_OK;
}

static void update(struct session *session)
{
	struct session_data *const data = data_of(session);
	object_cap_t cap = { 0 };
	enum error const error = parent_session_state(session->env->parent,
	                                              data->id, &cap);
	settle(session, error, cap);
}

static struct parent_donation donation_of(struct session_args const *args,
                                          size_t ram, size_t caps)
{
	return (struct parent_donation) {
		.ram = ram + args->ram, .caps = caps + args->caps,
		.cpu_first = args->affinity.first,
		.cpu_count = args->affinity.count,
		.losable = args->changed };
}

/** One attempt, to its end */
static enum error attempt(struct session *session, struct env *env,
                          char const *service, struct session_args const *args,
                          struct parent_donation const *donation)
{
	struct session_data *const data = data_of(session);
	signal_cap_t const changed = args->changed ? args->changed->cap
	                                           : thread_self()->token;
	enum error const error = ask(session, env, service, args, donation, changed);
	if (error)
		return error;
	while (data->state == SESSION_PENDING) {
		signal_wait(changed);
		update(session);
	}
	return (enum error)data->reason;
}

/** What a session takes from the own account: the donation and the parent's fee */
enum { FEE_RAM = 4096, FEE_CAPS = 2 };

enum error session_open(struct session *session, struct env *env,
                        char const *service, struct session_args const *args,
                        size_t ram, size_t caps)
{
	enum { DOUBLINGS = 3 };
	if (!args)
		args = &no_args;
	struct parent_donation donation = donation_of(args, ram, caps);
	for (unsigned i = 0;; i++) {
		enum error const error =
			attempt(session, env, service, args, &donation);
		if (!error)
			return ERROR_OK;
		session_close(session);
		if (error == ERROR_DONATE_RAM && i < DOUBLINGS)
			donation.ram *= 2;
		else if (error == ERROR_DONATE_CAPS && i < DOUBLINGS)
			donation.caps *= 2;
		else if (!resource_granted(env, error, donation.ram + FEE_RAM,
		                           donation.caps + FEE_CAPS))
			return error;
		else
			i--;
	}
}

enum error session_request(struct session *session, struct env *env,
                           char const *service, struct session_args const *args,
                           size_t ram, size_t caps)
{
	if (!args)
		args = &no_args;
	struct parent_donation const donation = donation_of(args, ram, caps);
	signal_cap_t const none = { 0 };
	enum error error;
	do error = ask(session, env, service, args, &donation,
	               args->changed ? args->changed->cap : none);
	while (resource_granted_at_once(env, error, donation.ram + FEE_RAM,
	                                donation.caps + FEE_CAPS));
	if (error) {
		session_close(session);
		return error;
	}
	if (args->changed && data_of(session)->state != SESSION_PENDING)
		error = signal_submit(args->changed->cap);
	return error;
}

enum session_state session_state(struct session *session)
{
	struct session_data *const data = data_of(session);
	if (data->state == SESSION_PENDING || data->state == SESSION_OPEN)
		update(session);
	return (enum session_state)data->state;
}

enum error session_upgrade(struct session *session, size_t ram, size_t caps)
{
	struct session_data *const data = data_of(session);
	if (data->state != SESSION_OPEN)
		return ERROR_INVALID;
	enum error error;
	do error = parent_upgrade(session->env->parent, data->id, ram, caps);
	while (resource_granted(session->env, error, ram, caps));
	return error;
}

enum error session_change(struct session *session, char const *text)
{
	struct session_data *const data = data_of(session);
	enum error error = ERROR_INVALID;
	if (data->state == SESSION_OPEN)
		do error = parent_change(session->env->parent, data->id, text);
		while (error == ERROR_AGAIN);
	return error;
}

enum error session_move(struct session *session, struct affinity affinity)
{
	struct session_data *const data = data_of(session);
	enum error error = ERROR_INVALID;
	if (data->state == SESSION_OPEN)
		do error = parent_move(session->env->parent, data->id,
		                       affinity.first, affinity.count);
		while (error == ERROR_AGAIN);
	return error;
}

void session_close(struct session *session)
{
	struct session_data *const data = data_of(session);
	cap_drop(session->cap);
	if (data->id)
		while (parent_close(session->env->parent, data->id)
		       == ERROR_AGAIN)
			;       /* a part is done; it is closed at any other error */
	*session = (struct session) { 0 };
}
