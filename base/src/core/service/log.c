/* SPDX-License-Identifier: MIT */
/**
 * LOG service: lines with the session's label in front
 *
 * A line goes to the ring when it is complete, so that lines of two sessions
 * never mix. Control characters could play tricks with a terminal and become
 * question marks.
 */

/* public */
#include <rpc/log.h>
#include <util/container_of.h>

/* local */
#include "log.h"
#include "session.h"
#include "service/services.h"

enum { PREFIX = CORE_LABEL + 4 };

struct log {
	struct core_session session;
	size_t              prefix, length;   /* of the line: prefix, so far */
	char                line[PREFIX + LOG_TEXT + 1];
};

static void finish(struct log *log)
{
	log->line[log->length++] = '\n';
	log_append(log->line, log->length);
	log->length = log->prefix;
}

static enum error write(struct rpc_object *self, char const *text)
{
	struct log *const log = object_self(self);
	for (; *text; text++) {
		if (*text == '\n') {
			finish(log);
			continue;
		}
		if (log->length + 1 >= sizeof log->line)
			finish(log);
		log_put_harmless(log->line, log->length++, *text);
	}
	return ERROR_OK;
}

static struct log_ops const ops = { .write = write };

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct log *const log = container_of(session, struct log, session);
	size_t length = 0;
	log->line[length++] = '[';
	for (char const *c = session->label; *c; c++)
		log_put_harmless(log->line, length++, *c);
	log->line[length++] = ']';
	log->line[length++] = ' ';
	log->length = log->prefix = length;
	return ERROR_OK;
}

static bool destroy(struct core_session *session)
{
	struct log *const log = container_of(session, struct log, session);
	if (log->length > log->prefix)
		finish(log);
	return true;
}

struct core_service const log_service = {
	.name     = "LOG",
	.size     = sizeof(struct log),
	.dispatch = log_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
