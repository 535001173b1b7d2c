/* SPDX-License-Identifier: MIT */
/*
 * Fuzz peer: well-behaved itself, it gives a fuzzer in another domain
 * capabilities that are new to it, with replies and with calls
 */

#include <base/component.h>
#include <base/service.h>
#include <base/signal.h>
#include <base/thread.h>
#include <rpc/fuzz.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <test/random.h>
#include <test/raw_ipc.h>
#include <util/container_of.h>
#include <util/minmax.h>

enum { LOOPS = 4, GIFTS = 2048 };

struct loop {
	struct thread thread;
	object_cap_t  portal;
	signal_cap_t  wake;      /* of callers: there is somebody to call */
	struct random random;
};

static struct env    *the_env;
static struct loop    servers[LOOPS], callers[LOOPS];
static uint32_t       n_loops;
static object_cap_t   gifts[GIFTS];
static cap_t volatile targets[FUZZ_TARGETS];

/** Capabilities into the message buffer; how many */
static uint64_t give(struct loop *loop, struct utcb *utcb)
{
	uint32_t const n = random_below(&loop->random, RPC_CAPS + 1);
	for (uint32_t i = 0; i < n; i++)
		utcb->message.cap[i] =
			gifts[random_below(&loop->random, GIFTS)].cap;
	return n;
}

static void drop(struct utcb const *utcb, uint64_t dx)
{
	for (unsigned i = 0; i < (dx >> ABI_CAPS_SHIFT & 0xff); i++)
		raw_simple(SYS_CAP_RELEASE, utcb->message.cap[i], 1);
}

static void refill(void)
{
	enum error const error = pd_kernel_refill(the_env->pd);
	if (error)
		log_error("no kernel memory: %s", error_text(error));
}

static void serve(struct thread *thread)
{
	struct loop *const loop = container_of(thread, struct loop, thread);
	struct utcb *const utcb = raw_utcb();
	uint64_t const window = RPC_CAPS << ABI_WINDOW_SHIFT;
	struct raw r = { .dx = SYS_WAIT | window };
	for (;;) {
		raw_syscall(&r);
		enum error const error = raw_error(&r);
		if (error == ERROR_KERNEL_RAM)
			refill();
		if (error) {            /* take fewer, or refuse the reply */
			r.dx = error == ERROR_KERNEL_RAM
				? SYS_WAIT | window : SYS_REPLY_WAIT | window;
			continue;
		}
		drop(utcb, r.dx);
		uint64_t const words = random_below(&loop->random, RPC_WORDS + 1);
		r.dx = SYS_REPLY_WAIT | window | words << ABI_WORDS_SHIFT
		     | give(loop, utcb) << ABI_CAPS_SHIFT;
	}
}

/** Waits while there is none */
static cap_t any_target(struct loop *loop)
{
	for (;;) {
		uint32_t const start = random_below(&loop->random, FUZZ_TARGETS);
		for (uint32_t i = 0; i < FUZZ_TARGETS; i++) {
			cap_t const target = targets[(start + i) % FUZZ_TARGETS];
			if (target)
				return target;
		}
		signal_wait(loop->wake);
	}
}

static void call(struct thread *thread)
{
	struct loop *const loop = container_of(thread, struct loop, thread);
	struct utcb *const utcb = raw_utcb();
	for (;;) {
		cap_t const target = any_target(loop);
		uint64_t const window = random_below(&loop->random, RPC_CAPS + 1);
		uint64_t const words  = random_below(&loop->random, RPC_WORDS + 1);
		struct raw r = { .di = target, .dx = SYS_CALL
			| window << ABI_WINDOW_SHIFT | words << ABI_WORDS_SHIFT
			| give(loop, utcb) << ABI_CAPS_SHIFT };
		raw_syscall(&r);
		if (raw_error(&r) == ERROR_KERNEL_RAM)
			refill();
		if (raw_error(&r) == ERROR_OK)
			drop(utcb, r.dx);
	}
}

/* -- service -- */

static enum error op_portal(struct rpc_object *object, uint32_t cpu,
                            object_cap_t *portal)
{
	*portal = servers[cpu % n_loops].portal;
	return ERROR_OK;
}

static enum error op_target(struct rpc_object *object, uint32_t index,
                            object_cap_t target)
{
	if (index >= FUZZ_TARGETS)
		return ERROR_INVALID;
	cap_keep(target.cap);
	cap_drop(__atomic_exchange_n(&targets[index], target.cap,
	                             __ATOMIC_SEQ_CST));
	for (uint32_t i = 0; i < n_loops; i++)
		error_ignore(signal_submit(callers[i].wake), "own signal");
	return ERROR_OK;
}

static struct fuzz_ops const ops = { .portal = op_portal, .target = op_target };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	fuzz_object_init(&base->object, &ops);
	return ERROR_OK;
}

static void destroy(struct service *service, struct session_object *base)
{
	for (unsigned i = 0; i < FUZZ_TARGETS; i++)
		cap_drop(__atomic_exchange_n(&targets[i], 0, __ATOMIC_SEQ_CST));
}

static struct service service = {
	.name = "Fuzz", .session_size = sizeof(struct session_object),
	.create = create, .destroy = destroy,
};

static enum error open_loop(struct loop *loop, void (*entry)(struct thread *),
                            uint32_t cpu, uint64_t seed)
{
	random_seed(&loop->random, seed);
	enum error error = thread_open(&loop->thread, the_env,
		&(struct thread_args) { .entry = entry, .name = "loop",
		.cpu = cpu });
	if (!error)
		error = pd_portal_create(the_env->pd, loop->thread.cap, cpu,
		                         &loop->portal);
	if (!error)
		error = pd_signal_create(the_env->pd, loop->thread.cap, cpu,
		                         &loop->wake);
	return error;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	uint32_t cpus;
	enum error error = cpu_count(env->cpu, &cpus);
	if (error)
		return error;
	n_loops = max(min(cpus, (uint32_t)LOOPS), 1u);
	for (uint32_t i = 0; i < n_loops && !error; i++) {
		error = open_loop(&servers[i], serve, i, i);
		if (!error)
			error = open_loop(&callers[i], call, i, 100 + i);
	}
	for (unsigned i = 0; i < GIFTS && !error; i++)
		error = pd_portal_create(env->pd, servers[i % n_loops].thread.cap,
		                         i, &gifts[i]);
	return error ? error : service_announce(&service, env);
}
