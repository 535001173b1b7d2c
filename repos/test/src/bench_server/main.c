/* SPDX-License-Identifier: MIT */
/*
 * Other side of bench_ipc: a typed server and two bare loops
 *
 *     config | all: yes      loops are there from the start, not when asked for
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/service.h>
#include <base/thread.h>
#include <rpc/bench.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <test/raw_ipc.h>
#include <util/container_of.h>

enum { CPUS = 4 };

static struct env *the_env;
static struct thread echo_thread[CPUS], ping_thread;
static object_cap_t echo_portal[CPUS];
static signal_cap_t ping_signal, pong_signal;

/** Answer each call with as many words as it brought, drop capabilities */
static void echo(struct thread *thread)
{
	struct utcb *const utcb = raw_utcb();
	uint64_t dx = SYS_WAIT | 1 << ABI_WINDOW_SHIFT;
	for (;;) {
		uint64_t di = 0;
		__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
			: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
		uint64_t const words = dx & 0xff0000;
		if (dx & 0xff000000ul)
			raw_simple(SYS_CAP_RELEASE, utcb->message.cap[0], 1);
		dx = SYS_REPLY_WAIT | 1 << ABI_WINDOW_SHIFT | words;
	}
}

static void ping(struct thread *thread)
{
	for (;;) {
		uint64_t dx = SYS_WAIT, di = 0;
		__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
			: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
		raw_simple(SYS_SIGNAL_SUBMIT, pong_signal.cap, 0);
	}
}

static enum error add(struct rpc_object *object, uint64_t a, uint64_t b,
                      uint64_t *sum)
{
	*sum = a + b;
	return ERROR_OK;
}

static enum error op_echo(struct rpc_object *object, uint32_t cpu,
                          object_cap_t *portal)
{
	enum error error = ERROR_OK;
	if (cpu >= CPUS)
		return ERROR_INVALID;
	if (!echo_thread[cpu].env) {
		error = thread_open(&echo_thread[cpu], the_env, &(struct thread_args) {
			.entry = echo, .name = "echo", .cpu = cpu });
		if (!error)
			error = pd_portal_create(the_env->pd, echo_thread[cpu].cap, 1,
			                         &echo_portal[cpu]);
	}
	*portal = echo_portal[cpu];
	return error;
}

static enum error op_ping(struct rpc_object *object, signal_cap_t pong,
                          signal_cap_t *signal)
{
	if (ping_thread.env)
		return ERROR_CONFLICT;
	cap_keep(pong.cap);
	pong_signal = pong;
	enum error error = thread_open(&ping_thread, the_env,
		&(struct thread_args) { .entry = ping, .name = "ping" });
	if (!error)
		error = pd_signal_create(the_env->pd, ping_thread.cap, 1, &ping_signal);
	*signal = ping_signal;
	return error;
}

static enum error op_arrive(struct rpc_object *object, uint32_t come,
                            uint32_t *arrived)
{
	static uint32_t n;
	n += come != 0;
	*arrived = n;
	return ERROR_OK;
}

static struct bench_ops const ops = {
	.add = add, .echo = op_echo, .ping = op_ping, .arrive = op_arrive };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	bench_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "Bench", .session_size = sizeof(struct session_object),
	.create = create,
};

static enum error open_all(void)
{
	object_cap_t portal;
	signal_cap_t own = { 0 }, signal;
	uint32_t cpus = 0;
	enum error error = cpu_count(the_env->cpu, &cpus);
	for (uint32_t i = 0; i < cpus && i < CPUS && !error; i++)
		error = op_echo(NULL, i, &portal);
	if (!error) error = thread_signal(the_env, &own);
	if (!error) error = op_ping(NULL, own, &signal);
	return error;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error const error = hid_bool(env->config, "all", false)
	                       ? open_all() : ERROR_OK;
	return error ? error : service_announce(&service, env);
}
