/* SPDX-License-Identifier: MIT */
/**
 * Trace events of a thread, and the buffer that they go to
 *
 * Who traces a thread (session/trace.h) reads its buffer while the thread
 * writes. The thread's component can write whatever it wants there, so a reader
 * believes nothing: neither the head nor what an event says.
 */
#pragma once

#include <stdint.h>

enum trace_kind {
	TRACE_NONE,
	TRACE_CALL,      /* an RPC begins: code = opcode, object = name called */
	TRACE_RETURN,    /* … and ends, with 'error' */
	TRACE_DISPATCH,  /* a request came: code = opcode, object = its address */
	TRACE_REPLY,     /* … and was answered, with 'error' */
	TRACE_SIGNAL,    /* a handler runs: code = count, object = its address */
	TRACE_FAULT,     /* code = vector, object = address, word[0] = IP */
	TRACE_MARK,      /* text */
	N_TRACE_KINDS
};

/** What is recorded of a thread */
enum trace_policy {
	TRACE_POLICY_CALL     = 1,
	TRACE_POLICY_DISPATCH = 2,
	TRACE_POLICY_SIGNAL   = 4,
	TRACE_POLICY_FAULT    = 8,
	TRACE_POLICY_MARK     = 16,
	TRACE_POLICY_ALL      = 31,
};

enum { TRACE_TEXT = 40 };

struct trace_event {
	uint64_t number;       /* from 1; written last, 0 while it is incomplete */
	uint64_t time;         /* time-stamp counter */
	uint32_t kind, error;
	union {
		struct {
			uint64_t code, object;
			uint32_t words, caps;  /* of the message */
			uint64_t word[2];      /* first ones, if there are any */
		};
		char text[TRACE_TEXT];         /* of TRACE_MARK, with NUL */
	};
};
_Static_assert(sizeof(struct trace_event) == 64, "format");

/** Ring: event n is in slot n % slots */
struct trace_buffer {
	uint64_t slots;        /* the thread's; a reader knows the buffer's size */
	uint64_t head;         /* number of the last event that was begun */
	uint64_t unused[6];
	struct trace_event event[];
};
_Static_assert(sizeof(struct trace_buffer) == 64, "format");

/** Record a text, cut to TRACE_TEXT - 1 bytes; next to nothing if nobody traces */
void trace_mark(char const *format, ...) __attribute__((format(printf, 1, 2)));
