/* SPDX-License-Identifier: MIT */
/*
 * Crasher: does what no program should do
 *
 *     config | kind: null      null, divide, stack, jump, illegal, text
 *
 * Addresses and numbers are volatile, so that the compiler does not notice.
 */

#include <base/component.h>
#include <base/hid.h>
#include <util/string.h>

static uintptr_t volatile null    = 0;
static uintptr_t volatile nowhere = 0x123456789000;
static int volatile       zero    = 0, one = 1;

static void read_null(void) { *(int volatile *)null; }
static void divide(void)    { zero = one / zero; }
static void jump(void)      { ((void (*)(void))nowhere)(); }
static void illegal(void)   { __builtin_trap(); }

/** Write to the own program text */
static void write_text(void)
{
	uintptr_t volatile const text = (uintptr_t)&write_text;
	*(int volatile *)text = 0;
}

/** Recursion without end */
static void stack(void)
{
	static void (*volatile again)(void) = stack;
	char volatile frame[1024] = { 0 };
	again();
	zero = frame[0];
}

static struct { char const *kind; void (*act)(void); } const kinds[] = {
	{ "null", read_null }, { "divide", divide }, { "stack", stack },
	{ "jump", jump }, { "illegal", illegal }, { "text", write_text },
};

enum error component_construct(struct env *env)
{
	char kind[16] = "null";
	hid_string(env->config, "kind", kind, sizeof kind);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!string_equal(kinds[i].kind, kind))
			continue;
		log_info("about to fail: %s", kind);
		kinds[i].act();
	}
	log_error("kind: \"%s\" is not known", kind);
	return ERROR_INVALID;
}
