/* SPDX-License-Identifier: MIT */
/*
 * Trace recorder: events of traced threads in the Common Trace Format
 *
 *     config | events: 500
 *     + trace | label: init -> server
 *
 * The trace goes to a LOG session labelled "ctf", as text, since that is what
 * leaves any machine: lines "CTF M …" are the metadata, "CTF S 17 …" bytes of the
 * stream of thread 17, in hexadecimal. tool/trace/ctf makes the trace of such a
 * log, for babeltrace2 and its like.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <os/trace_monitor.h>
#include <session/log.h>
#include <util/format.h>
#include <util/string.h>
#include "metadata.h"

enum { PACKET = 4096, EVENT_MAX = 64, LINE_BYTES = 96 };

static struct {
	struct env        *env;
	struct log_session log;
	uint64_t           period, limit, recorded;
	uint64_t           discarded;     /* of the subject, at all */

	/* the packet that is being written, of one thread */
	char     packet[PACKET];
	size_t   length;                  /* 0: there is none */
	uint64_t begin, end;
} recorder;

/* -- output -- */

static void line(char const *text)
{
	error_ignore(log_write(recorder.log.cap, text), "nobody else to tell");
}

static void metadata_line(char const *text)
{
	char buffer[LOG_TEXT];
	format_text(buffer, sizeof buffer - 1, "CTF M %s", text);
	string_append(buffer, sizeof buffer, "\n");
	line(buffer);
}

static void hex_line(uint32_t id, char const *bytes, size_t count)
{
	static char const digits[] = "0123456789abcdef";
	char text[LOG_TEXT];
	size_t n = format_text(text, 32, "CTF S %u ", id);
	for (size_t i = 0; i < count; i++) {
		text[n++] = digits[bytes[i] >> 4 & 15];
		text[n++] = digits[bytes[i] & 15];
	}
	text[n++] = '\n';
	text[n]   = 0;
	line(text);
}

/* -- packets -- */

static void put(void const *data, size_t size)
{
	memcpy(recorder.packet + recorder.length, data, size);
	recorder.length += size;
}

static void put32(uint32_t value)      { put(&value, sizeof value); }
static void put64(uint64_t value)      { put(&value, sizeof value); }
static void put_string(char const *s)  { put(s, strlen(s) + 1); }

/** Header and context, of which end and sizes are filled in later */
static void begin_packet(struct trace_subject const *subject, uint64_t time)
{
	recorder.length = 0;
	recorder.begin  = time;
	put32(CTF_MAGIC);
	put32(CTF_STREAM);
	put64(time);
	put64(0);
	put64(0);
	put64(0);
	put64(subject->lost);
	put32(subject->id);
	put_string(subject->label);
	put_string(subject->name);
}

static void end_packet(struct trace_subject const *subject)
{
	struct { uint64_t end, content, packet; } const sizes = {
		recorder.end, recorder.length * 8, recorder.length * 8 };
	if (!recorder.length)
		return;
	memcpy(recorder.packet + 16, &sizes, sizeof sizes);
	for (size_t at = 0; at < recorder.length; at += LINE_BYTES) {
		size_t const rest = recorder.length - at;
		hex_line(subject->id, recorder.packet + at,
		         rest < LINE_BYTES ? rest : LINE_BYTES);
	}
	recorder.length = 0;
}

static void put_fields(struct trace_event const *e)
{
	char text[TRACE_TEXT + 1] = "";
	switch (e->kind) {
	case TRACE_CALL: case TRACE_DISPATCH:
		put64(e->code);
		put64(e->object);
		put32(e->words);
		put32(e->caps);
		break;
	case TRACE_RETURN: case TRACE_REPLY:
		put64(e->code);
		put64(e->object);
		put32(e->error);
		break;
	case TRACE_SIGNAL:
		put64(e->code);
		put64(e->object);
		break;
	case TRACE_FAULT:
		put64(e->code);
		put64(e->object);
		put64(e->word[0]);
		break;
	default:
		memcpy(text, e->text, TRACE_TEXT);
		put_string(text);
	}
}

/* -- events -- */

static uint32_t policy(struct trace_monitor *monitor,
                       struct trace_subject const *subject)
{
	return trace_configured_policy(recorder.env->config, subject);
}

/** A thread can write anything: what no reader understands is left out */
static bool sound(struct trace_event const *e)
{
	return e->kind > TRACE_NONE && e->kind < N_TRACE_KINDS
	    && (!recorder.length || e->time >= recorder.end);
}

static void event(struct trace_monitor *monitor, struct trace_subject *subject,
                  struct trace_event const *e)
{
	if (!sound(e) || (recorder.limit && recorder.recorded == recorder.limit))
		return;
	if (recorder.length + EVENT_MAX > PACKET)
		end_packet(subject);
	if (!recorder.length)
		begin_packet(subject, e->time);
	uint8_t const id = (uint8_t)e->kind;
	put(&id, 1);
	put64(e->time);
	put_fields(e);
	recorder.end = e->time;
	recorder.recorded++;
}

static void done(struct trace_monitor *monitor, struct trace_subject *subject)
{
	end_packet(subject);
}

static struct trace_monitor_ops const ops = {
	.policy = policy, .event = event, .done = done };

static struct trace_monitor monitor = { .ops = &ops };

static void tick(struct signal_handler *handler, uint64_t count)
{
	enum error const error = trace_monitor_update(&monitor);
	if (error)
		log_error("%s", error_text(error));
	trace_monitor_read(&monitor);
	if (recorder.limit && recorder.recorded == recorder.limit) {
		log_info("%lu events recorded", recorder.recorded);
		component_exit(recorder.env, ERROR_OK);
		return;
	}
	error_ignore(signal_handler_at(handler, clock_us() + recorder.period),
	             "own handler");
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	recorder.env    = env;
	recorder.period = config_ms(env->config, "every_ms", 100, 1);
	recorder.limit  = config_number(env->config, "events", 0, 0, ~0ul);
	monitor.size    = config_number(env->config, "size", 16 << 10, 4096, 64 << 10)
	                & ~4095ul;
	enum error error = log_open(&recorder.log, env,
	                            &(struct session_args) { .label = "ctf" });
	if (!error)
		error = trace_monitor_open(&monitor, env);
	if (!error)
		error = signal_handler_open(&ticker, env->ep);
	if (error)
		return error;
	metadata_write(metadata_line);
	return signal_submit(ticker.cap);
}
