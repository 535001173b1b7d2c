/* SPDX-License-Identifier: MIT */
/*
 * Loop-back: generated stubs call generated dispatch functions in one process
 *
 * 'rpc_call' hands the message over; in the fuzzing parts it damages request or
 * reply on the way. Operations check what reaches them, so that a damaged
 * message is refused or is as good as a sound one. What lies in a message
 * beyond its counts is filled with noise and must not matter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/rpc_stub.h>
#include <base/rpc_table.h>
#include <rpc/every.h>

static unsigned n_failed, n_checked, drops, seed = 1;

static void check(bool good, char const *what)
{
	n_checked++;
	if (good)
		return;
	n_failed++;
	printf("FAILED  loop-back: %s\n", what);
}

static void done(char const *what, unsigned failed_before)
{
	if (n_failed == failed_before)
		printf("ok      loop-back: %s\n", what);
}

static uint64_t noise(void)
{
	static uint64_t state;
	if (seed) {
		state = seed * 0x9e3779b97f4a7c15ul;
		seed = 0;
	}
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* -- what the library provides -- */

static struct session_call {
	char const *verb, *service;
	size_t ram, caps;
	struct session *session;
} session_call;

static enum error session_note(char const *verb, struct session *session,
                               char const *service, size_t ram, size_t caps)
{
	session_call = (struct session_call){ verb, service, ram, caps, session };
	session->cap = 77;
	return ERROR_OK;
}

enum error session_open(struct session *session, struct env *env,
                        char const *service, struct session_args const *args,
                        size_t ram, size_t caps)
{
	return session_note("open", session, service, ram, caps);
}

enum error session_request(struct session *session, struct env *env,
                           char const *service, struct session_args const *args,
                           size_t ram, size_t caps)
{
	return session_note("request", session, service, ram, caps);
}

void session_close(struct session *session) { session->cap = 0; }

void cap_drop(cap_t cap) { drops++; }

/* -- server: answers with what it got -- */

static unsigned runs;

static enum error nothing(struct rpc_object *object)
{
	runs++;
	return ERROR_OK;
}

static enum error add(struct rpc_object *object, uint64_t a, uint64_t b,
                      uint64_t *sum)
{
	check(*sum == 0, "results arrive zeroed");
	runs++;
	*sum = a + b;
	return *sum < a ? ERROR_LIMIT : ERROR_OK;
}

static enum error op_unsigned(struct rpc_object *object, bool b, uint8_t u8,
	uint16_t u16, uint32_t u32, unsigned u, size_t size, uintptr_t address,
	bool *b_out, uint8_t *u8_out, uint16_t *u16_out, uint32_t *u32_out,
	unsigned *u_out, size_t *size_out, uintptr_t *address_out)
{
	runs++;
	*b_out = b; *u8_out = u8; *u16_out = u16; *u32_out = u32;
	*u_out = u; *size_out = size; *address_out = address;
	return ERROR_OK;
}

static enum error op_signed(struct rpc_object *object, int8_t i8, int16_t i16,
	int32_t i32, int i, int64_t i64, int8_t *i8_out, int16_t *i16_out,
	int32_t *i32_out, int *i_out, int64_t *i64_out)
{
	runs++;
	*i8_out = i8; *i16_out = i16; *i32_out = i32; *i_out = i; *i64_out = i64;
	return ERROR_OK;
}

static bool lie;    /* answer with values that are none */

static enum error op_enum(struct rpc_object *object, enum every_colour colour,
	enum error error, enum every_colour *colour_out, enum error *error_out)
{
	runs++;
	check((unsigned)colour < N_EVERY_COLOURS && (unsigned)error < N_ERRORS,
	      "an enum in range");
	*colour_out = lie ? N_EVERY_COLOURS : colour;
	*error_out = error;
	return ERROR_OK;
}

static enum error op_struct(struct rpc_object *object, uint8_t before,
	struct every_point const *point, uint8_t after, uint8_t *after_out,
	struct every_point *point_out, uint8_t *before_out)
{
	runs++;
	check((unsigned)point->colour < N_EVERY_COLOURS, "a field in range");
	check(point_out->x == 0 && point_out->id == 0, "a struct arrives zeroed");
	*point_out = *point;
	*after_out = after;
	*before_out = before;
	return ERROR_OK;
}

static enum error op_string(struct rpc_object *object, char const *name,
	uint32_t number, char const *empty, char const *text,
	char name_out[EVERY_NAME], char text_out[40], uint32_t *number_out)
{
	runs++;
	check(strnlen(name, EVERY_NAME) < EVERY_NAME && strnlen(text, 40) < 40 &&
	      !*empty, "a string in its bound");
	for (unsigned i = 0; i < 40; i++)
		check(!text_out[i], "a string arrives zeroed");
	memcpy(name_out, name, strlen(name) + 1);
	if (lie)
		memset(text_out, 'x', 40);
	else
		memcpy(text_out, text, strlen(text) + 1);
	*number_out = number;
	return ERROR_OK;
}

static enum error large(struct rpc_object *object, char const *a, char const *b,
                        char both[512])
{
	runs++;
	check(strnlen(a, 256) < 256 && strnlen(b, 256) < 256, "a string in its bound");
	strcpy(both, a);
	strcat(both, b);
	return ERROR_OK;
}

static enum error caps(struct rpc_object *object, dataspace_cap_t ds,
	signal_cap_t signal, cap_t any, dataspace_cap_t *ds_out,
	signal_cap_t *signal_out, cap_t *any_out, item_cap_t *item)
{
	runs++;
	check(ds.cap && any, "a capability that is not null");
	*ds_out = lie ? (dataspace_cap_t){ 0 } : ds;
	*signal_out = signal;
	*any_out = any;
	item->cap = 5;
	return ERROR_OK;
}

static struct every_ops every_ops = {
	.nothing = nothing, .add = add, .unsigneds = op_unsigned,
	.signeds = op_signed, .enums = op_enum, .structs = op_struct,
	.strings = op_string, .large = large, .caps = caps,
};

static enum error item_name_op(struct rpc_object *object, char name[8], uint64_t *id)
{
	runs++;
	strcpy(name, "item");
	*id = 3;
	return ERROR_OK;
}
static struct item_ops const item_ops = { .name = item_name_op };

static struct rpc_object every_object, item_object;
static every_cap_t const every = { 1 };
static item_cap_t const item = { 2 };

/* -- transport -- */

static enum { SOUND, DAMAGE_REQUEST, DAMAGE_REPLY } mode;

static void fill_unused(struct rpc_message *m)
{
	for (unsigned i = m->words; i < RPC_WORDS; i++)
		m->word[i] = noise();
	for (unsigned i = m->caps; i < RPC_CAPS; i++)
		m->cap[i] = noise();
}

/* Less than 'n' */
static uint32_t below(uint32_t n) { return (uint32_t)(noise() % n); }

/* Values at the edges of types and strings are more telling than others */
static uint64_t telling(void)
{
	static uint64_t const edges[] = {
		0, 1, 2, 3, 127, 128, 255, 256, 32767, 32768, 65535, 65536,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000,
		0xffffffffffff8000, 0xffffffffffffff80, 0xffffffff7fffffff,
		0x4141414141414141, 0x0041414141414141, 0x4100414141414141,
	};
	uint64_t const r = noise();
	return r & 1 ? edges[(r >> 1) % (sizeof edges / sizeof *edges)]
	             : r >> (r >> 1) % 64;
}

static void damage(struct rpc_message *m)
{
	fill_unused(m);
	for (unsigned n = 1 + below(3); n--;) {
		switch (below(8)) {
		case 0: m->tag ^= 1ul << below(64);               break;
		case 1: m->tag = (m->tag & ~0xful) | below(12);       break;
		case 2: m->words = below(RPC_WORDS + 1);            break;
		case 3: m->words += below(2) ? 1 : -1u;       break;
		case 4: m->caps = below(RPC_CAPS + 1);                break;
		case 5: m->cap[below(RPC_CAPS)] = below(2);     break;
		default: m->word[below(m->words % RPC_WORDS + 1)] = telling();
		}
	}
	if (m->words > RPC_WORDS)
		m->words = RPC_WORDS;
}

static enum error dispatch(cap_t object, struct rpc_message *m)
{
	struct rpc_object *const o = object == 2 ? &item_object : &every_object;
	enum error const error = o->dispatch(o, m);
	check((unsigned)error < N_ERRORS, "an error of the table");
	check(!error || (!m->words && !m->caps), "an error carries nothing else");
	check(m->words <= RPC_WORDS && m->caps <= RPC_CAPS, "counts of the reply");
	return error;
}

static bool same(struct rpc_message const *a, struct rpc_message const *b)
{
	return a->words == b->words && a->caps == b->caps &&
	       !memcmp(a->word, b->word, a->words * sizeof a->word[0]) &&
	       !memcmp(a->cap, b->cap, a->caps * sizeof a->cap[0]);
}

enum error rpc_call(cap_t object, struct rpc_message *m, unsigned reply_caps)
{
	fill_unused(m);
	if (mode == DAMAGE_REQUEST)
		damage(m);

	struct rpc_message other = *m;
	fill_unused(&other);

	enum error const error = dispatch(object, m);
	check(error == dispatch(object, &other) && same(m, &other),
	      "what lies beyond the counts does not matter");

	if (mode == DAMAGE_REPLY && !error)
		damage(m);
	if (m->caps > reply_caps)
		m->caps = reply_caps;
	return error;
}

/* -- what a client may see -- */

static enum error call_unsigned(uint64_t v)
{
	bool b; uint8_t u8; uint16_t u16; uint32_t u32; unsigned u;
	size_t size; uintptr_t address;
	enum error const error = every_unsigneds(every, v & 1, (uint8_t)v,
		(uint16_t)v, (uint32_t)v, (unsigned)v, v, v, &b, &u8, &u16, &u32,
		&u, &size, &address);
	if (!error && mode == SOUND)
		check(b == (v & 1) && u8 == (uint8_t)v && u16 == (uint16_t)v &&
		      u32 == (uint32_t)v && u == (unsigned)v && size == v &&
		      address == v, "unsigned values return");
	return error;
}

static enum error call_signed(int64_t v)
{
	int8_t i8; int16_t i16; int32_t i32; int i; int64_t i64;
	enum error const error = every_signeds(every, (int8_t)v, (int16_t)v,
		(int32_t)v, (int)v, v, &i8, &i16, &i32, &i, &i64);
	if (!error && mode == SOUND)
		check(i8 == (int8_t)v && i16 == (int16_t)v && i32 == (int32_t)v &&
		      i == (int)v && i64 == v, "signed values return");
	return error;
}

static enum error call_enum(unsigned colour, unsigned value)
{
	enum every_colour c;
	enum error e;
	enum error const error = every_enums(every, (enum every_colour)colour,
		(enum error)value, &c, &e);
	if (!error)
		check((unsigned)c < N_EVERY_COLOURS && (unsigned)e < N_ERRORS,
		      "enums of a reply in range");
	if (!error && mode == SOUND)
		check(c == colour && e == value, "enums return");
	return error;
}

static enum error call_struct(int32_t x)
{
	struct every_point const in = {
		.x = x, .y = -x, .lit = x & 1, .colour = EVERY_BLUE, .id = noise() };
	struct every_point out;
	uint8_t before, after;
	enum error const error = every_structs(every, 200, &in, 100, &after, &out,
	                                      &before);
	if (!error)
		check((unsigned)out.colour < N_EVERY_COLOURS, "a field in range");
	if (!error && mode == SOUND)
		check(before == 200 && after == 100 && out.x == in.x &&
		      out.y == in.y && out.lit == in.lit && out.id == in.id &&
		      out.colour == in.colour, "a struct returns");
	return error;
}

static enum error call_string(size_t name_length, size_t text_length)
{
	char name[300] = "", text[300] = "";
	char name_out[EVERY_NAME], text_out[40];
	uint32_t number;
	memset(name, 'n', name_length);
	memset(text, 't', text_length);
	enum error const error = every_strings(every, name, 9, "", text, name_out,
	                                      text_out, &number);
	if (!error)
		check(strnlen(name_out, EVERY_NAME) < EVERY_NAME &&
		      strnlen(text_out, 40) < 40, "strings end");
	if (!error && mode == SOUND)
		check(!strcmp(name, name_out) && !strcmp(text, text_out) &&
		      number == 9, "strings return");
	return error;
}

static enum error call_large(size_t n)
{
	char a[300] = "", b[300] = "", both[512];
	memset(a, 'a', n);
	memset(b, 'b', n);
	enum error const error = every_large(every, a, b, both);
	if (!error)
		check(strnlen(both, 512) < 512, "strings end");
	if (!error && mode == SOUND)
		check(strlen(both) == 2 * n, "large strings return");
	return error;
}

static enum error call_caps(cap_t ds, cap_t signal)
{
	dataspace_cap_t ds_out; signal_cap_t signal_out; cap_t any; item_cap_t i;
	enum error const error = every_caps(every, (dataspace_cap_t){ ds },
		(signal_cap_t){ signal }, 30, &ds_out, &signal_out, &any, &i);
	if (!error)
		check(ds_out.cap && any, "capabilities of a reply");
	if (!error && mode == SOUND)
		check(ds_out.cap == ds && signal_out.cap == signal && any == 30 &&
		      i.cap == 5, "capabilities return");
	return error;
}

static enum error call_any(void)
{
	uint64_t const r = noise();
	uint64_t sum;
	char name[8];
	switch (r % 10) {
	case 0: return every_nothing(every);
	case 1: return every_add(every, noise(), noise(), &sum);
	case 2: return call_unsigned(telling());
	case 3: return call_signed((int64_t)telling());
	case 4: return call_enum((unsigned)(r >> 8) % 4, (unsigned)(r >> 16) % 20);
	case 5: return call_struct((int32_t)(r >> 40));
	case 6: return call_string((r >> 8) % 24, (r >> 16) % 40);
	case 7: return call_large((r >> 8) % 256);
	case 8: return call_caps((r >> 8) % 3, (r >> 16) % 3);
	}
	enum error const error = item_name(item, name, &sum);
	if (!error)
		check(strnlen(name, 8) < 8, "strings end");
	return error;
}

/* -- tests -- */

static void test_sound(void)
{
	unsigned const before = n_failed;
	uint64_t sum;
	check(every_nothing(every) == ERROR_OK, "no arguments");
	check(every_add(every, 2, 3, &sum) == ERROR_OK && sum == 5, "a sum");
	check(every_add(every, ~0ul, 1, &sum) == ERROR_LIMIT, "the operation's error");
	for (unsigned i = 0; i < 10000; i++) {
		check(call_unsigned(telling()) == ERROR_OK, "unsigned");
		check(call_signed((int64_t)telling()) == ERROR_OK, "signed");
		check(call_struct((int32_t)telling() / 2) == ERROR_OK, "struct");
	}
	done("scalars and structs", before);
}

static void test_ranges(void)
{
	unsigned const before = n_failed;
	for (unsigned c = 0; c < 5; c++)
		for (unsigned e = 0; e < N_ERRORS + 2; e++)
			check(call_enum(c, e) == (c < N_EVERY_COLOURS && e < N_ERRORS
			                          ? ERROR_OK : ERROR_INVALID), "enum");
	check(call_caps(10, 20) == ERROR_OK, "capabilities");
	check(call_caps(10, 0) == ERROR_OK, "a null one that is optional");
	check(call_caps(0, 20) == ERROR_INVALID, "a null one that is not");
	done("enums and null capabilities", before);
}

static void test_strings(void)
{
	unsigned const before = n_failed;
	for (size_t n = 0; n < 60; n++) {
		unsigned const r = runs;
		check(call_string(n, 0) == (n < EVERY_NAME ? ERROR_OK : ERROR_LIMIT), "name");
		check(call_string(0, n) == (n < 40 ? ERROR_OK : ERROR_LIMIT), "text");
		check(n < 40 || runs == r, "too long a string is not sent");
	}
	for (size_t n = 0; n < 300; n++)
		check(call_large(n) == (n < 256 ? ERROR_OK : ERROR_LIMIT), "large");
	done("strings of every length", before);
}

static void test_session(void)
{
	unsigned const before = n_failed;
	static struct every_session s;
	struct session_call const *const c = &session_call;
	check(every_open(&s, NULL, NULL) == ERROR_OK && s.cap.cap == 77 &&
	      c->session == &s.session && !strcmp(c->verb, "open") &&
	      !strcmp(c->service, "Every") && c->ram == 8192 && c->caps == 4, "open");
	every_close(&s);
	check(s.cap.cap == 0, "close");
	check(every_request(&s, NULL, NULL) == ERROR_OK &&
	      !strcmp(c->verb, "request"), "request");
	done("open, request, close of the service", before);
}

static enum error ask(uint64_t opcode, unsigned words, uint64_t first)
{
	struct rpc_message m = { .tag = opcode, .words = words, .word = { first } };
	return dispatch(1, &m);
}

/* A value has one encoding only, and nothing can hide in the unused bits */
static void test_encoding(void)
{
	unsigned const before = n_failed;
	check(ask(EVERY_OP_SIGNEDS, 5, 0x7f) == ERROR_OK, "largest int8_t");
	check(ask(EVERY_OP_SIGNEDS, 5, 0x80) == ERROR_INVALID, "beyond int8_t");
	check(ask(EVERY_OP_SIGNEDS, 5, -0x80ul) == ERROR_OK, "smallest int8_t");
	check(ask(EVERY_OP_SIGNEDS, 5, -0x81ul) == ERROR_INVALID, "below int8_t");
	check(ask(EVERY_OP_SIGNEDS, 5, 0xff) == ERROR_INVALID, "no sign extension");
	check(ask(EVERY_OP_UNSIGNEDS, 7, 2) == ERROR_INVALID, "a bool of 2");
	check(ask(EVERY_OP_LARGE, 2, 0x41) == ERROR_OK, "a string's padding");
	check(ask(EVERY_OP_LARGE, 2, 0x420041) == ERROR_INVALID, "bits in it");
	check(ask(EVERY_OP_LARGE, 2, 1ul << 63) == ERROR_INVALID, "its last bit");
	check(ask(EVERY_OP_LARGE, 3, 0x41) == ERROR_INVALID, "a word more");
	check(ask(EVERY_OP_LARGE, 1, 0x41) == ERROR_INVALID, "a string less");
	done("one encoding a value", before);
}

/* The server is at fault: the client sees an error, and keeps nothing */
static void test_server(void)
{
	unsigned const before = n_failed;
	lie = true;
	check(call_enum(0, 0) == ERROR_CORRUPT, "a wrong enum in a reply");
	check(call_string(1, 1) == ERROR_LIMIT, "an endless string in a reply");
	drops = 0;
	check(call_caps(1, 1) == ERROR_CORRUPT && drops == 4, "a null capability in a reply");
	lie = false;

	struct every_ops const saved = every_ops;
	every_ops = (struct every_ops){ 0 };
	check(every_nothing(every) == ERROR_REFUSED, "an operation that is not set");
	every_ops = saved;

	check(item_name((item_cap_t){ 1 }, (char[8]){ 0 }, &(uint64_t){ 0 }) ==
	      ERROR_REFUSED, "a capability of another interface");
	done("servers at fault", before);
}

/* Argument 'a' of a request that is sound so far; words and caps grow */
static void put_argument(struct rpc_message *m, struct rpc_argument const *a)
{
	char text[512] = "";
	if (a->kind == RPC_CAPABILITY) {
		m->cap[m->caps++] = 1;
	} else if (a->kind == RPC_STRING) {
		memset(text, 'x', below(a->bound));
		check(rpc_put_string(m, text, a->bound), "put");
	} else {
		m->word[m->words++] = a->kind == RPC_CHOICE ? below(a->bound + 1)
		                                            : below(128);
	}
}

/* The table's requests are accepted, with one word or capability more refused */
static void test_table(void)
{
	unsigned const before = n_failed;
	mode = SOUND;
	check(n_rpc_interfaces == 2 && !strcmp(rpc_interfaces[0].name, "every"), "names");
	for (unsigned n = 0; n < 5000; n++) {
		struct rpc_interface const *const i = &rpc_interfaces[below(2)];
		struct rpc_operation const *const o = &i->operations[below(i->count)];
		struct rpc_message m = { .tag = o->opcode };
		for (unsigned a = 0; a < o->count; a++)
			if (!o->arguments[a].out)
				put_argument(&m, &o->arguments[a]);
		cap_t const object = i == rpc_interfaces ? 1 : 2;
		struct rpc_message more = m, less = m;
		if (more.words < RPC_WORDS)
			more.word[more.words++] = 0;
		else
			more.caps++;
		check(dispatch(object, &more) == ERROR_INVALID, "a word more");
		if (less.words) {
			less.words--;
			check(dispatch(object, &less) == ERROR_INVALID, "a word less");
		}
		check(dispatch(object, &m) == ERROR_OK, o->name);
	}
	done("requests made from the table", before);
}

static void test_damage(char const *what, int which)
{
	unsigned const before = n_failed;
	unsigned seen[N_ERRORS] = { 0 };
	mode = which;
	for (unsigned i = 0; i < 300000; i++) {
		enum error const error = call_any();
		check((unsigned)error < N_ERRORS, "an error of the table");
		seen[error]++;
	}
	mode = SOUND;
	check(seen[ERROR_OK] && seen[which == DAMAGE_REPLY ? ERROR_CORRUPT : ERROR_INVALID],
	      "both good and bad messages");
	check(which == DAMAGE_REPLY || seen[ERROR_REFUSED], "unknown opcodes");
	done(what, before);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = (unsigned)atoi(argv[1]);
	every_object_init(&every_object, &every_ops);
	item_object_init(&item_object, &item_ops);

	test_sound();
	test_ranges();
	test_strings();
	test_session();
	test_encoding();
	test_server();
	test_table();
	test_damage("damaged requests", DAMAGE_REQUEST);
	test_damage("damaged replies", DAMAGE_REPLY);
	printf("        %u checks, %u operations ran\n", n_checked, runs);
	return n_failed > 0;
}
