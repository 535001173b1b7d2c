/* SPDX-License-Identifier: MIT */
/* Misdeeds that a kernel or server notices: each has its error */

#include <base/heap.h>
#include <base/rpc.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <session/dataspace.h>
#include <session/io_mem.h>
#include <session/log.h>
#include <session/parent.h>
#include <session/pd.h>
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
	uint64_t const words = ABI_CALL | 65ul << ABI_WORDS_SHIFT;
	uint64_t const caps  = ABI_CALL | 5ul << ABI_CAPS_SHIFT;
	uint64_t const window = ABI_CALL | 5ul << ABI_WINDOW_SHIFT;
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

/* -- memory and sessions -- */

static enum error attach_kernel(struct env *env)
{
	dataspace_cap_t ds;
	uint64_t at;
	uint32_t const fixed = RM_FIXED | RM_WRITE;
	enum error error = ram_alloc(env, 4096, &ds);
	static uint64_t const bad[] = { 0xffffffff80000000ul, 0x800000000000ul,
		0x7ffffffff000ul, 0, 0x1001, ~0xffful };
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
	dataspace_cap_t ds;
	enum error error = expect("1 TiB", ram_alloc(env, 1ul << 40, &ds),
	                          ERROR_NO_RAM);
	if (!error)
		error = expect("~0 bytes", ram_alloc(env, ~0ul, &ds), ERROR_NO_RAM);
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

static enum error device_ram(struct env *env)
{
	struct io_mem_session io;
	enum error const got = io_mem_open(&io, env, &(struct session_args) {
		.text = "io_mem | base: 0x1000000 | size: 4096" });
	return got ? ERROR_OK : expect("RAM as device", got, ERROR_DENIED);
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
	{ "attach_kernel", attach_kernel }, { "ram_quota", ram_quota },
	{ "cap_quota", cap_quota }, { "unknown_service", unknown_service },
	{ "unknown_rom", unknown_rom }, { "device_ram", device_ram },
	{ "quota_beyond", quota_beyond },
};
unsigned const n_call_misdeeds = sizeof call_misdeeds / sizeof *call_misdeeds;
