/* SPDX-License-Identifier: MIT */
/*
 * Fuzzer of interfaces: a client that calls core and its parent with nearly
 * valid messages, made from the tables of tool/rpc
 *
 * It works on domains, threads, region maps and sessions that it creates, and
 * calls with what the calls return. 'own: yes' adds its own domain, which seldom
 * goes well for long.
 *
 *   config | seed: 1 | calls: 3000 | own: no
 *   + session Timer | interface: timer | label: x      of other servers, too
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/rpc_table.h>
#include <session/cpu.h>
#include <session/log.h>
#include <session/pd.h>
#include <session/rm.h>
#include <session/rom.h>
#include <test/random.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

enum { OBJECTS = 48, INTERFACES = 32, OPERATIONS = 32 };

/** Something to call or to send */
struct object {
	cap_t                       cap;
	struct rpc_interface const *interface;
	bool                        kept;       /* never replaced */
};

static struct env    *the_env;
static struct random  chance;
static struct object  objects[OBJECTS];
static unsigned       n_objects;
static uint32_t       results[INTERFACES][OPERATIONS][N_ERRORS];
static struct rpc_message message;
static bool               use_own;
static unsigned           restarts;

static struct pd_session  pd;
static struct cpu_session cpu;
static struct rm_session  rm;
static struct rom_session rom;
static struct log_session log;

enum { OTHERS = 16 };
static struct session others[OTHERS];
static unsigned       n_others;

static struct rpc_interface const *interface_of(char const *name, size_t length)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++) {
		char const *const other = rpc_interfaces[i].name;
		if (strlen(other) == length && memcmp(other, name, length) == 0)
			return &rpc_interfaces[i];
	}
	return NULL;
}

/** "rom_cap_t" and the like; NULL: nothing that answers calls */
static struct rpc_interface const *interface_of_type(char const *type)
{
	size_t const length = strlen(type);
	return length > 6 ? interface_of(type, length - 6) : NULL;
}

static void add(cap_t cap, char const *interface, bool kept)
{
	struct object const object = {
		cap, interface_of(interface, strlen(interface)), kept };
	if (n_objects < OBJECTS) {
		objects[n_objects++] = object;
		return;
	}
	struct object *const old = &objects[random_below(&chance, OBJECTS)];
	if (old->kept) {
		cap_drop(cap);
		return;
	}
	cap_drop(old->cap);
	*old = object;
}

/* -- arguments -- */

/** What names of arguments promise, mostly */
static bool plausible(char const *name, uint64_t *value)
{
	static struct { char const *name; uint32_t limit; uint64_t unit; } const
	hints[] = {
		{ "flags", 16, 1 }, { "size", 12, 4096 }, { "offset", 4, 4096 },
		{ "at", 64, 4096 }, { "address", 64, 4096 }, { "cpu_index", 2, 1 },
		{ "priority", 128, 1 }, { "id", 40, 1 }, { "donation.ram", 20, 4096 },
		{ "donation.caps", 10, 1 }, { "ram", 8, 4096 }, { "caps", 8, 1 },
		{ "donation.cpu_first", 2, 1 }, { "donation.cpu_count", 2, 1 },
		{ "policy", 32, 1 },
	};
	for (unsigned i = 0; i < sizeof hints / sizeof *hints; i++)
		if (string_equal(hints[i].name, name)) {
			*value = random_below(&chance, hints[i].limit)
			       * hints[i].unit;
			return !random_once(&chance, 6);
		}
	return false;
}

static uint64_t scalar(struct rpc_argument const *a)
{
	static uint64_t const values[] = { 0, 1, 2, 3, 4, 7, 12, 64, 127, 4095, 4096,
		8192, 0x10000, 0x200000, 0x401000, 0x10000000, 0x7ffffffff000,
		0x800000000000, 0xffffffff80000000, ~0xffful, ~0ul };
	uint32_t const n = sizeof values / sizeof *values;
	uint64_t value = random_once(&chance, 4) ? random_word(&chance)
	                                         : values[random_below(&chance, n)];
	if (plausible(a->name, &value) || random_once(&chance, 24))
		return value;
	if (a->kind == RPC_CHOICE)
		return value % (a->bound + 1ul);
	return a->bound < 64 ? value & ((1ul << a->bound) - 1) : value;
}

/** As it travels: bytes with NUL, padded to words */
static void put_string(struct rpc_message *m, uint32_t bound)
{
	static char const *const texts[] = { "", "PD", "CPU", "RM", "ROM", "LOG",
		"Bench", "Witness", "Nonsense", "config", "culprit", "fuzz_rpc",
		"core_state", "rom", "cpu | priority: 3", "cpu | priority: x",
		"a | b: c | d", "+ + +", "line\n", "two\nlines\n" };
	char text[256];
	size_t length;
	if (random_once(&chance, 6)) {
		length = random_below(&chance, min(bound + 2, (uint32_t)sizeof text));
		for (size_t i = 0; i < length; i++)
			text[i] = (char)(random_below(&chance, 255) + 1);
		text[length] = 0;
	} else {
		string_copy(text, sizeof text, texts[random_below(&chance,
			sizeof texts / sizeof *texts)]);
		length = strlen(text);
	}
	uint32_t const words = (uint32_t)(length / 8 + 1);
	if (m->words + words > RPC_WORDS)
		return;
	m->word[m->words + words - 1] = 0;
	memcpy(&m->word[m->words], text, length + 1);
	m->words += words;
}

/** Mostly one of the wanted kind */
static cap_t capability(char const *type)
{
	struct rpc_interface const *const wanted = interface_of_type(type);
	if (random_once(&chance, 16))
		return 0;
	for (unsigned i = 0; i < 4 * OBJECTS; i++) {
		struct object const *const o =
			&objects[random_below(&chance, n_objects)];
		if (o->interface == wanted || random_once(&chance, 64))
			return o->cap;
	}
	return objects[0].cap;
}

static void encode(struct rpc_operation const *operation)
{
	struct rpc_message *const m = &message;
	m->tag   = operation->opcode;
	m->words = m->caps = 0;
	for (unsigned i = 0; i < operation->count; i++) {
		struct rpc_argument const *const a = &operation->arguments[i];
		if (a->out)
			continue;
		if (a->kind == RPC_CAPABILITY)
			m->cap[m->caps++] = capability(a->type);
		else if (a->kind == RPC_STRING)
			put_string(m, a->bound);
		else
			m->word[m->words++] = scalar(a);
	}
}

/** Make it wrong in a way that no stub would */
static void distort(void)
{
	struct rpc_message *const m = &message;
	switch (random_below(&chance, 6)) {
	case 0: m->words = random_below(&chance, RPC_WORDS + 1); break;
	case 1: m->caps  = random_below(&chance, RPC_CAPS + 1); break;
	case 2: m->tag  ^= 1ul << random_below(&chance, 64); break;
	case 3: m->tag   = (m->tag & ~0xfffful) | random_below(&chance, 40); break;
	case 4: m->word[random_below(&chance, RPC_WORDS)] ^=
		        1ul << random_below(&chance, 64); break;
	case 5: memset(m->word, 'x', sizeof m->word); m->words = RPC_WORDS; break;
	}
}

/* -- objects -- */

/** Sessions of servers that the configuration names */
static void open_others(void)
{
	n_others = 0;
	for (struct hid const *n = NULL;
	     n_others < OTHERS && (n = hid_next(the_env->config, n, "session"));) {
		char service[32] = "", interface[32] = "", label[64] = "";
		hid_name(n, service, sizeof service);
		hid_string(n, "interface", interface, sizeof interface);
		hid_string(n, "label", label, sizeof label);
		struct session *const s = &others[n_others];
		enum error const error = session_open(s, the_env, service,
			&(struct session_args) { .label = label, .ram = 64 * 1024,
			                         .caps = 8 }, 16 * 1024, 4);
		if (error)
			continue;
		add(s->cap, interface, true);
		n_others++;
	}
}

/** What it works on; any of them may fail for lack of means */
static void begin(void)
{
	rm_cap_t space;
	add(the_env->parent.cap, "parent", true);
	if (use_own) {
		add(the_env->pd.cap, "pd", true);
		add(the_env->cpu.cap, "cpu", true);
		add(the_env->rm.cap, "rm", true);
	}
	if (pd_open(&pd, the_env, &(struct session_args) { .label = "victim",
	            .ram = 256 * 1024, .caps = 20 }) == ERROR_OK) {
		add(pd.cap.cap, "pd", true);
		if (pd_address_space(pd.cap, &space) == ERROR_OK)
			add(space.cap, "rm", true);
	}
	if (cpu_open(&cpu, the_env, NULL) == ERROR_OK)
		add(cpu.cap.cap, "cpu", true);
	if (rm_open(&rm, the_env, NULL) == ERROR_OK)
		add(rm.cap.cap, "rm", true);
	if (log_open(&log, the_env, NULL) == ERROR_OK)
		add(log.cap.cap, "log", true);
	if (rom_open(&rom, the_env, &(struct session_args) { .label = "culprit" })
	    == ERROR_OK)
		add(rom.cap.cap, "rom", true);
	open_others();
}

/** Give all back, and begin anew */
static void restart(void)
{
	for (unsigned i = 0; i < n_objects; i++)
		if (!objects[i].kept)
			cap_drop(objects[i].cap);
	n_objects = 0;
	pd_close(&pd);
	cpu_close(&cpu);
	rm_close(&rm);
	rom_close(&rom);
	log_close(&log);
	while (n_others)
		session_close(&others[--n_others]);
	restarts++;
	begin();
}

/* -- calls -- */

static void take_results(struct rpc_operation const *operation)
{
	unsigned n = 0;
	for (unsigned i = 0; i < operation->count; i++) {
		struct rpc_argument const *const a = &operation->arguments[i];
		if (!a->out || a->kind != RPC_CAPABILITY || n >= message.caps)
			continue;
		cap_t const cap = message.cap[n++];
		struct rpc_interface const *const type = interface_of_type(a->type);
		if (cap)
			add(cap, type ? type->name : "", false);
	}
}

static void forget(struct object *object)
{
	cap_drop(object->cap);
	*object = objects[--n_objects];
}

/** What would only end the fuzzing */
static bool spared(struct rpc_operation const *operation)
{
	return string_equal(operation->name, "parent_exit")
	       || ((string_equal(operation->name, "log_write")
	            || string_equal(operation->name, "parent_close"))
	           && !random_once(&chance, 32));
}

/** One of the other servers' sessions */
static struct object *other_object(void)
{
	cap_t const cap = others[random_below(&chance, n_others)].cap;
	for (unsigned i = 0; i < n_objects; i++)
		if (objects[i].cap == cap)
			return &objects[i];
	return &objects[0];
}

/** First a kind, then one of that kind: there are many more of some */
static struct object *any_object(void)
{
	static char const *const kinds[] = { "pd", "cpu", "rm", "parent", "thread",
		"dataspace", "rom", "log", "pd", "rm" };
	char const *const kind =
		kinds[random_below(&chance, sizeof kinds / sizeof *kinds)];
	struct rpc_interface const *const wanted =
		interface_of(kind, strlen(kind));
	if (n_others && random_once(&chance, 2))
		return other_object();
	for (unsigned i = 0; i < 2 * OBJECTS; i++) {
		struct object *const o =
			&objects[random_below(&chance, n_objects)];
		if (o->interface == wanted)
			return o;
	}
	return &objects[0];
}

static void call_one(void)
{
	struct object *const o = any_object();
	struct rpc_interface const *const interface = o->interface;
	uint32_t const i = random_below(&chance, interface->count);
	struct rpc_operation const *const operation = &interface->operations[i];
	if (spared(operation))
		return;
	encode(operation);
	if (random_once(&chance, 8))
		distort();
	enum error const error = rpc_call(o->cap, &message, RPC_CAPS);
	uint64_t const index = (uint64_t)(interface - rpc_interfaces);
	if (index < INTERFACES && i < OPERATIONS)
		results[index][i][error]++;
	if (!error)
		take_results(operation);
	if (error == ERROR_GONE && !cap_alive(o->cap)) {
		if (o->kept)
			restart();
		else
			forget(o);
	}
}

/* -- end -- */

static void print(struct rpc_operation const *operation, uint32_t const *result)
{
#define TEXT(name, sentence) #name,
	static char const *const names[] = { ERRORS(TEXT) };
#undef TEXT
	char text[160];
	size_t length = 0;
	for (unsigned e = 0; e < N_ERRORS; e++)
		if (result[e] && length < sizeof text)
			length += format_text(text + length, sizeof text - length,
			                      " %s %u", names[e], result[e]);
	if (length)
		log_info("%s:%s", operation->name, text);
}

static void finish(void)
{
	for (unsigned i = 0; i < n_rpc_interfaces && i < INTERFACES; i++)
		for (unsigned k = 0; k < rpc_interfaces[i].count; k++)
			print(&rpc_interfaces[i].operations[k], results[i][k]);
	log_info("began %u times", restarts + 1);
	component_exit(the_env, ERROR_OK);
}

enum error component_construct(struct env *env)
{
	uint64_t const seed  = hid_uint(env->config, "seed", 1);
	uint64_t const calls = hid_uint(env->config, "calls", 3000);
	the_env = env;
	random_seed(&chance, seed);
	log_info("seed %lu, %lu calls", seed, calls);
	use_own = hid_bool(env->config, "own", false);
	begin();
	for (uint64_t i = 0; i < calls; i++)
		call_one();
	finish();
	return ERROR_OK;
}
