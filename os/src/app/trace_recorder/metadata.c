/* SPDX-License-Identifier: MIT */
/*
 * Metadata in TSDL (Common Trace Format 1.8.3, section 7)
 *
 * Names of operations and errors come from the headers of the tree, so that the
 * trace explains itself.
 */

#include <base/env.h>
#include <base/error.h>
#include <base/rpc_table.h>
#include <base/trace.h>
#include <util/format.h>

/* local */
#include "metadata.h"

static char const *const types[] = {
	"/* CTF 1.8 */",
	"typealias integer { size = 8;  align = 8; } := uint8_t;",
	"typealias integer { size = 32; align = 8; } := uint32_t;",
	"typealias integer { size = 64; align = 8; } := uint64_t;",
	"typealias integer { size = 64; align = 8; base = 16; } := address_t;",
	"trace { major = 1; minor = 8; byte_order = le;",
	"  packet.header := struct { uint32_t magic; uint32_t stream_id; };",
	"};",
};

static char const *const stream[] = {
	"typealias integer { size = 64; align = 8; map = clock.tsc.value; } := tsc_t;",
	"stream { id = 0;",
	"  packet.context := struct {",
	"    tsc_t timestamp_begin; tsc_t timestamp_end;",
	"    uint64_t content_size; uint64_t packet_size;",
	"    uint64_t events_discarded;",
	"    uint32_t thread_id; string label; string thread;",
	"  };",
	"  event.header := struct { uint8_t id; tsc_t timestamp; };",
	"};",
};

static char const *const fields[N_TRACE_KINDS][2] = {
	[TRACE_CALL]     = { "call",     "enum operation operation;"
	                     " address_t object; uint32_t words; uint32_t caps;" },
	[TRACE_RETURN]   = { "return",   "enum operation operation;"
	                     " address_t object; enum error error;" },
	[TRACE_DISPATCH] = { "dispatch", "enum operation operation;"
	                     " address_t object; uint32_t words; uint32_t caps;" },
	[TRACE_REPLY]    = { "reply",    "enum operation operation;"
	                     " address_t object; enum error error;" },
	[TRACE_SIGNAL]   = { "signal",   "uint64_t count; address_t handler;" },
	[TRACE_FAULT]    = { "fault",    "uint64_t vector; address_t address;"
	                     " address_t ip;" },
	[TRACE_MARK]     = { "mark",     "string text;" },
};

#define ERROR_NAME_(name, sentence) #name,
static char const *const errors[] = { ERRORS(ERROR_NAME_) };
#undef ERROR_NAME_

static void write_all(void (*line)(char const *), char const *const *text,
                      size_t count)
{
	for (size_t i = 0; i < count; i++)
		line(text[i]);
}

static void write_operations(void (*line)(char const *))
{
	char text[120];
	line("enum operation : uint64_t {");
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		for (unsigned j = 0; j < rpc_interfaces[i].count; j++) {
			struct rpc_operation const *const op =
				&rpc_interfaces[i].operations[j];
			format_text(text, sizeof text, "  \"%s\" = 0x%lx,",
			            op->name, op->opcode);
			line(text);
		}
	line("};");
}

static void write_errors(void (*line)(char const *))
{
	char text[64];
	line("enum error : uint32_t {");
	for (unsigned i = 0; i < N_ERRORS; i++) {
		format_text(text, sizeof text, "  \"%s\" = %u,", errors[i], i);
		line(text);
	}
	line("};");
}

void metadata_write(void (*line)(char const *text))
{
	char text[200];
	write_all(line, types, sizeof types / sizeof *types);
	format_text(text, sizeof text,
	            "clock { name = tsc; freq = %lu; offset = 0; };",
	            clock_tsc_hz());
	line(text);
	write_all(line, stream, sizeof stream / sizeof *stream);
	write_operations(line);
	write_errors(line);
	for (unsigned i = TRACE_NONE + 1; i < N_TRACE_KINDS; i++) {
		format_text(text, sizeof text, "event { id = %u; name = \"%s\";"
		            " stream_id = 0; fields := struct { %s }; };", i,
		            fields[i][0], fields[i][1]);
		line(text);
	}
}
