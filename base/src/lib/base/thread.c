/* SPDX-License-Identifier: MIT */
/*
 * Threads: stack, thread-local storage and control block in one dataspace
 *
 * From low to high addresses: stack, thread-local storage, struct thread_self.
 * The region map keeps an unmapped page below.
 */

/* public */
#include <base/heap.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/align.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/resource.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

enum { STACK_DEFAULT = 16 * 1024 };

/** What struct thread holds in its opaque words */
struct thread_data {
	void (*entry)(struct thread *);
	dataspace_cap_t     stack;
	void               *stack_at;
	struct thread_self *self;
	cap_t               joiner;   /* token to submit when it has finished */
	uint64_t            finished; /* 0, then 1 */
};
_Static_assert(sizeof(struct thread_data) <= sizeof ((struct thread *)0)->opaque,
               "struct thread is too small");

static struct thread_data *data_of(struct thread *thread)
{
	return (struct thread_data *)thread->opaque;
}

static void halt(void) __attribute__((noreturn));
static void halt(void)
{
	for (;;) {
		uint64_t count;
		error_ignore(sys_signal_wait(0, &count), "does not return");
	}
}

/** First function of the thread, on its own stack */
static void start(struct thread *thread)
{
	struct thread_data *const data = data_of(thread);
	error_ignore(sys_tls(data->self), "an address that core attached");

	data->entry(thread);

	__atomic_store_n(&data->finished, 1, __ATOMIC_SEQ_CST);
	cap_t const joiner = __atomic_load_n(&data->joiner, __ATOMIC_SEQ_CST);
	if (joiner)
		error_ignore(sys_signal_submit(joiner), "nobody waits any more");
	halt();
}

/** Memory of the thread, its control block filled in */
static enum error prepare(struct thread *thread, struct thread_args const *args)
{
	struct thread_data *const data = data_of(thread);
	size_t const tls   = align_up(base_state.tls.size, 64);
	size_t const above = tls + align_up(sizeof(struct thread_self), 64);
	size_t const stack = args->stack ? args->stack : STACK_DEFAULT;
	size_t const size  = align_up(stack + above, 4096);

	if (stack > 1ul << 30)
		return ERROR_LIMIT;
	enum error error = ram_alloc(thread->env, size, &data->stack);
	if (!error)
		error = ram_attach(thread->env, data->stack, true, &data->stack_at);
	if (error)
		return error;

	char *const end = (char *)data->stack_at + size;
	data->self = (struct thread_self *)(end - above + tls);
	*data->self = (struct thread_self) { .self = data->self, .exit = thread };
	if (base_state.tls.init)
		base_state.tls.init(data->self);
	return ERROR_OK;
}

enum error thread_open(struct thread *thread, struct env *env,
                       struct thread_args const *args)
{
	struct thread_data *const data = data_of(thread);
	uint64_t utcb;

	*thread = (struct thread) { .env = env };
	data->entry = args->entry;
	enum error error = prepare(thread, args);
	if (!error)
		do error = cpu_thread_create(env->cpu, env->pd,
			args->name ? args->name : "", args->cpu,
			args->priority ? args->priority : CPU_PRIORITY_DEFAULT,
			&thread->cap, &utcb);
		while (resource_granted(env, error, 16 * 1024, 2));
	if (!error) {
		data->self->utcb   = (void *)utcb;
		data->self->thread = thread->cap;
		error = pd_signal_create(env->pd, thread->cap, 0, &data->self->token);
	}
	if (!error) /* the return address that a function expects is below */
		error = thread_start(thread->cap, (uint64_t)start,
			((uint64_t)data->self - align_up(base_state.tls.size, 64)) - 8,
			(uint64_t)thread);
	if (error)
		thread_close(thread);
	return error;
}

void thread_join(struct thread *thread)
{
	struct thread_data *const data = data_of(thread);
	signal_cap_t const token = thread_self()->token;
	if (!thread->cap.cap)
		return;
	__atomic_store_n(&data->joiner, token.cap, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&data->finished, __ATOMIC_SEQ_CST)
	       && cap_alive(thread->cap.cap))
		signal_wait(token);
	__atomic_store_n(&data->joiner, 0, __ATOMIC_SEQ_CST);
}

void thread_close(struct thread *thread)
{
	struct thread_data *const data = data_of(thread);
	if (!thread->env)
		return;
	if (thread->cap.cap) {
		error_ignore(thread_kill(thread->cap), "it is dead then");
		thread_signal_close(thread->env, &data->self->token);
		cap_drop(thread->cap.cap);
	}
	ram_detach(thread->env, data->stack_at);
	ram_free(thread->env, data->stack);
	*thread = (struct thread) { 0 };
}
