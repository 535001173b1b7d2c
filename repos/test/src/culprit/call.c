/* SPDX-License-Identifier: MIT */
/* Misdeeds that a kernel or server notices: each has its error */

#include <base/heap.h>
#include <base/rpc.h>
#include <base/thread.h>
#include <rpc/dataspace.h>
#include <rpc/log.h>
#include <rpc/pd.h>
#include <session/cpu.h>
#include <session/io_mem.h>
#include <session/parent.h>
#include <session/rm.h>
#include <session/rom.h>
#include <test/raw_ipc.h>
#include <util/string.h>
#include "culprit.h"

static enum error expect(char const *what, enum error got, enum error wanted)
{
	if (got == wanted)
		return ERROR_OK;
	log_error("%s: got \"%s\", expected \"%s\"", what, error_text(got),
	          error_text(wanted));
	return ERROR_CORRUPT;
}

/* -- system calls -- */

static enum error syscall_number(struct env *env)
{
	enum error error = ERROR_OK;
	for (unsigned n = N_SYSCALLS; n < 256 && !error; n += 13)
		error = expect("number", raw_simple(n, 0, 0) & 0xff, ERROR_INVALID);
	return error;
}

static enum error syscall_privileged(struct env *env)
{
	enum error error = ERROR_OK;
	for (unsigned n = SYS_PD_CREATE; n < N_SYSCALLS && !error; n++) {
		uint64_t const got = raw_simple(n, env->pd.cap, 0x1000) & 0xff;
		if (got != ERROR_INVALID && got != ERROR_DENIED && got != ERROR_GONE) {
			log_error("privileged call %u: %s", n,
			          error_text((enum error)got));
			error = ERROR_CORRUPT;
		}
	}
	return error;
}

static enum error syscall_capability(struct env *env)
{
	static cap_t const names[] = {
		0, 1, ~0ul, 1ul << 32, 0xffffffff, 0x1ffffffffful, 1ul << 63 };
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		uint64_t const got = raw_call(names[i], 1) & 0xff;
		if (got != ERROR_GONE && got != ERROR_INVALID)
			return expect("capability", (enum error)got, ERROR_GONE);
	}
	return ERROR_OK;
}

static enum error syscall_count(struct env *env)
{
	uint64_t const words = SYS_CALL | 65ul << ABI_WORDS_SHIFT;
	uint64_t const caps  = SYS_CALL | 5ul << ABI_CAPS_SHIFT;
	uint64_t const window = SYS_CALL | 5ul << ABI_WINDOW_SHIFT;
	enum error error = expect("65 words",
		raw_simple(words, env->pd.cap, 0) & 0xff, ERROR_INVALID);
	if (!error)
		error = expect("5 capabilities",
			raw_simple(caps, env->pd.cap, 0) & 0xff, ERROR_INVALID);
	if (!error)
		error = expect("window of 5",
			raw_simple(window, env->pd.cap, 0) & 0xff, ERROR_INVALID);
	return error;
}

static enum error syscall_pointer(struct env *env)
{
	/* the only call that takes an address */
	enum error error = expect("kernel address",
		raw_simple(SYS_TLS, 0xffffffff80100000ul, 0) & 0xff, ERROR_INVALID);
	if (!error)
		error = expect("no address",
			raw_simple(SYS_TLS, 0x800000000000ul, 0) & 0xff, ERROR_INVALID);
	return error;
}

static enum error syscall_send_nothing(struct env *env)
{
	uint64_t const got = raw_call_cap(env->pd.cap, raw_utcb(), 0x7777) & 0xff;
	return got == ERROR_GONE ? ERROR_OK : expect("dead capability sent",
		(enum error)got, ERROR_INVALID);
}

/* -- RPC -- */

static struct rpc_message message;

static enum error rpc(cap_t object, uint64_t tag, uint32_t words, uint32_t caps)
{
	message.tag   = tag;
	message.words = words;
	message.caps  = caps;
	return rpc_call(object, &message, 4);
}

static enum error rpc_opcode(struct env *env)
{
	enum error error = expect("opcode 0", rpc(env->pd.cap, 0, 0, 0),
	                          ERROR_REFUSED);
	if (!error)
		error = expect("opcode ~0", rpc(env->pd.cap, ~0ul, 4, 0),
		               ERROR_REFUSED);
	return error;
}

static enum error rpc_other_interface(struct env *env)
{
	pd_cap_t const pd = { env->cpu.cap };
	rom_cap_t const rom = { env->pd.cap };
	dataspace_cap_t ds;
	uint64_t size;
	enum error error = expect("CPU as PD", pd_kernel_refill(pd), ERROR_REFUSED);
	if (!error)
		error = expect("PD as ROM", rom_dataspace(rom, &ds, &size),
		               ERROR_REFUSED);
	return error;
}

static enum error rpc_capability(struct env *env)
{
	dataspace_cap_t const no_ds = { env->cpu.cap };
	thread_cap_t const no_thread = { env->pd.cap };
	object_cap_t portal;
	uint64_t at;
	enum error error = expect("CPU as dataspace",
		rm_attach(env->rm, no_ds, 0, 0, 0, RM_WRITE, &at), ERROR_INVALID);
	if (!error)
		error = expect("PD as thread",
			pd_portal_create(env->pd, no_thread, 1, &portal), ERROR_INVALID);
	return error;
}

static enum error rpc_string(struct env *env)
{
	char text[300];
	log_cap_t const log = { env->pd.cap };
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	return expect("300 characters", log_write(log, text), ERROR_LIMIT);
}

static enum error rpc_count(struct env *env)
{
	/* the right operation with a word or a capability too many, or too few */
	static struct { uint32_t words, caps; } const bad[] = {
		{ 1, 0 }, { 3, 0 }, { 64, 0 }, { 2, 1 }, { 2, 4 } };
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad && !error; i++) {
		enum error const got = rpc(env->pd.cap, PD_OP_RAM_ALLOC,
		                           bad[i].words, bad[i].caps);
		if (got != ERROR_INVALID)
			error = expect("count", got, ERROR_INVALID);
	}
	return error;
}

static enum error rpc_text(struct env *env)
{
	/* a string without end, one with something behind it, none */
	struct log_session log;
	enum error error = log_open(&log, env, NULL);
	if (error)
		return expect("log", error, ERROR_OK);
	memset(message.word, 'x', sizeof message.word);
	error = expect("no end", rpc(log.cap.cap, LOG_OP_WRITE, 64, 0),
	               ERROR_INVALID);
	message.word[0] = 0x7800;
	if (!error)
		error = expect("behind", rpc(log.cap.cap, LOG_OP_WRITE, 1, 0),
		               ERROR_INVALID);
	if (!error)
		error = expect("none", rpc(log.cap.cap, LOG_OP_WRITE, 0, 0),
		               ERROR_INVALID);
	log_close(&log);
	return error;
}

static enum error rpc_dead(struct env *env)
{
	dataspace_cap_t ds;
	uint64_t at;
	enum error error = ram_alloc(env, 4096, &ds);
	if (error)
		return error;
	dataspace_cap_t const dead = ds;
	ram_free(env, ds);
	error = expect("dead dataspace called",
		rpc(dead.cap, DATASPACE_OP_INFO, 0, 0), ERROR_GONE);
	enum error const got =
		rm_attach(env->rm, dead, 0, 0, 0, RM_WRITE, &at);
	if (!error && got != ERROR_INVALID)
		error = expect("dead dataspace sent", got, ERROR_GONE);
	return error;
}

/* -- threads -- */

static enum error thread_nowhere(struct env *env)
{
	static uint64_t const bad[] = { 0x800000000000, 0xffffffff80100000,
		0x7ffffffff000, ~0ul };
	thread_cap_t thread;
	uint64_t utcb;
	enum error error = cpu_thread_create(env->cpu, env->pd, "nowhere", 0, 64,
	                                     &thread, &utcb);
	if (error)
		return error;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad && !error; i++)
		error = expect("start", thread_start(thread, bad[i], bad[i], 0),
		               ERROR_INVALID);
	if (!error)
		error = expect("kill", thread_kill(thread), ERROR_OK);
	return error;
}

static enum error thread_limit(struct env *env)
{
	enum error error = ERROR_OK;
	thread_cap_t thread;
	uint64_t utcb;
	while (!error)
		error = cpu_thread_create(env->cpu, env->pd, "one of many", 0, 127,
		                          &thread, &utcb);
	if (error == ERROR_NO_RAM || error == ERROR_NO_CAPS)
		error = ERROR_LIMIT;
	error = expect("many threads", error, ERROR_LIMIT);
	if (!error)
		error = expect("no such CPU", cpu_thread_create(env->cpu, env->pd,
			"x", 64, 64, &thread, &utcb), ERROR_INVALID);
	return error;
}

static enum error start_again(struct env *env)
{
	parent_cap_t const parent = { 0 };
	log_cap_t const log = { 0 };
	rom_cap_t const rom = { 0 };
	return expect("start", pd_start(env->pd, env->cpu, parent, log, rom),
	              ERROR_CONFLICT);
}

/* -- memory and sessions -- */

static enum error attach_kernel(struct env *env)
{
	dataspace_cap_t ds;
	uint64_t at;
	uint32_t const fixed = RM_FIXED | RM_WRITE;
	enum error error = ram_alloc(env, 4096, &ds);
	static uint64_t const bad[] = { 0xffffffff80000000ul, 0x800000000000ul,
		0x7ffffffff000ul, 0, 0x1001, ~0xffful, 0x200000, 0x380000 };
	for (unsigned i = 0; i < sizeof bad / sizeof *bad && !error; i++) {
		enum error const got =
			rm_attach(env->rm, ds, bad[i], 0, 0, fixed, &at);
		if (got != ERROR_INVALID && got != ERROR_CONFLICT)
			error = expect("attach", got, ERROR_INVALID);
	}
	if (!error)
		error = expect("W and X",
			rm_attach(env->rm, ds, 0, 0, 0, RM_WRITE | RM_EXEC, &at),
			ERROR_INVALID);
	if (!error)
		error = expect("beyond the end",
			rm_attach(env->rm, ds, 0, 4096, 4096, RM_WRITE, &at),
			ERROR_INVALID);
	return error;
}

static enum error ram_quota(struct env *env)
{
	static uint64_t const sizes[] = { 1ul << 30, 1ul << 40, ~0ul };
	dataspace_cap_t ds;
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		enum error const got = ram_alloc(env, sizes[i], &ds);
		if (got != ERROR_NO_RAM && got != ERROR_INVALID)
			return expect("too much", got, ERROR_NO_RAM);
	}
	enum error error = ERROR_OK;
	while (!error)
		error = ram_alloc(env, 8192, &ds);
	return error == ERROR_NO_RAM || error == ERROR_NO_CAPS
		? ERROR_OK : expect("exhaustion", error, ERROR_NO_RAM);
}

static enum error cap_quota(struct env *env)
{
	signal_cap_t signal;
	enum error error = ERROR_OK;
	while (!error)
		error = thread_signal(env, &signal);
	return error == ERROR_NO_CAPS || error == ERROR_NO_RAM
		? ERROR_OK : expect("exhaustion", error, ERROR_NO_CAPS);
}

static enum error session_quota(struct env *env)
{
	struct rom_session rom;
	enum error error = ERROR_OK;
	while (!error)
		error = rom_open(&rom, env,
		                 &(struct session_args) { .label = "culprit" });
	return error == ERROR_NO_RAM || error == ERROR_NO_CAPS
	       || error == ERROR_LIMIT
		? ERROR_OK : expect("exhaustion", error, ERROR_NO_RAM);
}

static enum error transfer(struct env *env)
{
	pd_cap_t const no_pd = { env->cpu.cap };
	enum error error = expect("to itself",
		pd_transfer(env->pd, env->pd, 4096, 1), ERROR_INVALID);
	if (!error)
		error = expect("to no PD", pd_transfer(env->pd, no_pd, 4096, 1),
		               ERROR_INVALID);
	if (!error)
		error = expect("reference",
			pd_reference(env->pd, env->pd), ERROR_CONFLICT);
	return error;
}

static enum error unknown_service(struct env *env)
{
	struct session session;
	return expect("service", session_open(&session, env, "Nonsense", NULL,
	                                      4096, 2), ERROR_DENIED);
}

static enum error unknown_rom(struct env *env)
{
	struct rom_session rom;
	enum error const got = rom_open(&rom, env,
		&(struct session_args) { .label = "nonsense" });
	return got == ERROR_NOT_FOUND ? ERROR_OK
	                              : expect("ROM", got, ERROR_DENIED);
}

static enum error forge(struct env *env)
{
	/* lines in somebody else's name; crash.run looks for them */
	char const *const name = "x\n[init] forged\n";
	struct session session;
	struct log_session log;
	enum error error = session_open(&session, env, name,
		&(struct session_args) { .label = name }, 4096, 2);
	error_ignore(error, "whatever the reason");
	error = log_open(&log, env, &(struct session_args) { .label = name });
	if (!error) {
		error = log_write(log.cap, "mine\n");
		log_close(&log);
	}
	error_ignore(error, "denied is good, too");
	log_info("%s", name);
	return ERROR_OK;
}

/** RAM in use, what the kernel keeps, interrupt controllers */
static enum error device_ram(struct env *env)
{
	static char const *const texts[] = {
		"io_mem | base: 0x1000000 | size: 4096",
		"io_mem | base: 0 | size: 4096",
		"io_mem | base: 0x1ff000 | size: 0x2000",
		"io_mem | base: 0xfec00000 | size: 4096",
		"io_mem | base: 0xfee00000 | size: 4096",
	};
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts && !error; i++) {
		struct io_mem_session io;
		error = expect(texts[i], io_mem_open(&io, env,
			&(struct session_args) { .text = texts[i] }),
			ERROR_DENIED);
	}
	return error;
}

static enum error quota_beyond(struct env *env)
{
	struct rom_session rom;
	return expect("donation", rom_open(&rom, env, &(struct session_args) {
		.label = "config", .ram = 1ul << 40 }), ERROR_NO_RAM);
}

struct misdeed const call_misdeeds[] = {
	{ "syscall_number", syscall_number },
	{ "syscall_privileged", syscall_privileged },
	{ "syscall_capability", syscall_capability },
	{ "syscall_count", syscall_count }, { "syscall_pointer", syscall_pointer },
	{ "syscall_send_nothing", syscall_send_nothing },
	{ "rpc_opcode", rpc_opcode },
	{ "rpc_other_interface", rpc_other_interface },
	{ "rpc_capability", rpc_capability }, { "rpc_string", rpc_string },
	{ "rpc_count", rpc_count }, { "rpc_text", rpc_text },
	{ "rpc_dead", rpc_dead }, { "thread_nowhere", thread_nowhere },
	{ "thread_limit", thread_limit }, { "start_again", start_again },
	{ "session_quota", session_quota }, { "transfer", transfer },
	{ "attach_kernel", attach_kernel }, { "ram_quota", ram_quota },
	{ "cap_quota", cap_quota }, { "unknown_service", unknown_service },
	{ "unknown_rom", unknown_rom }, { "forge", forge }, { "device_ram", device_ram },
	{ "quota_beyond", quota_beyond }, { "many_ways", many_ways },
};
unsigned const n_call_misdeeds = sizeof call_misdeeds / sizeof *call_misdeeds;
