/* SPDX-License-Identifier: MIT */
/** Every kind of argument, for the generator's tests */
#pragma once

#include <base/session.h>
#include <base/rpc.h>
#include <session/kinds.h>

typedef struct { cap_t cap; } every_cap_t;
typedef struct { cap_t cap; } item_cap_t;

/** Service with RPC 1 < 2; "quoted" */
SERVICE(every, "Every", 8 * 1024, 4);

WIRE struct every_point {
	int32_t x, y;                /* a list of fields */
	bool lit;
	enum every_colour colour;    // declared in another header
	uint64_t id;
};

/** No arguments at all */
RPC enum error every_nothing(every_cap_t every);

/**
 * Sum of 'a' and 'b'
 *
 * Returns LIMIT if it overflows.
 */
RPC enum error every_add(every_cap_t every, IN uint64_t a, IN uint64_t b,
                         OUT uint64_t *sum);

RPC enum error every_unsigneds(every_cap_t every, IN bool b, IN uint8_t u8,
	IN uint16_t u16, IN uint32_t u32, IN unsigned u, IN size_t size,
	IN uintptr_t address,
	OUT bool *b_out, OUT uint8_t *u8_out, OUT uint16_t *u16_out,
	OUT uint32_t *u32_out, OUT unsigned *u_out, OUT size_t *size_out,
	OUT uintptr_t *address_out);

/** Signed ones; qualifiers may stand in any order or be missing */
RPC enum error every_signeds(every_cap_t every, int8_t i8, IN int16_t i16,
	IN int32_t i32, int i, int64_t i64,
	OUT int8_t *i8_out, OUT int16_t *i16_out, OUT int32_t *i32_out,
	OUT int *i_out, OUT int64_t * i64_out);

/** Enums: a dense one and the one of errors */
RPC enum error every_enums(every_cap_t every, IN enum every_colour colour,
	IN enum error error, OUT enum every_colour *colour_out,
	OUT enum error *error_out);

/** Structs */
RPC enum error every_structs(every_cap_t every, IN uint8_t before,
	IN struct every_point const *point, IN uint8_t after,
	OUT uint8_t *after_out, OUT struct every_point *point_out,
	OUT uint8_t *before_out);

/** Strings between scalars */
RPC enum error every_strings(every_cap_t every, IN STRING(EVERY_NAME) name,
	IN uint32_t number, IN STRING(1) nothing, IN STRING(40) text,
	OUT char name_out[EVERY_NAME], OUT char text_out[40],
	OUT uint32_t *number_out);

/** As much as a message takes */
RPC enum error every_large(every_cap_t every, IN STRING(256) a, IN STRING(256) b,
	OUT char both[512]);

/** Capabilities: 'signal' may be null, 'any' has no interface */
RPC enum error every_caps(every_cap_t every, IN dataspace_cap_t ds,
	IN OPT signal_cap_t signal, IN cap_t any, OUT dataspace_cap_t *ds_out,
	OUT OPT signal_cap_t *signal_out, OUT cap_t *any_out, OPT OUT item_cap_t *item);

/** Of an interface without a service */
RPC enum error item_name(item_cap_t item, OUT char name[8], OUT uint64_t *id);
