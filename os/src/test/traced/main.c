/* SPDX-License-Identifier: MIT */
/*
 * Something to trace: at each tick of the timer it calls, marks and faults
 *
 *     config | every_ms: 20 | spin: yes
 *
 * "spin": a second thread computes for ever, at a low priority.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/signal.h>
#include <base/thread.h>
#include <base/trace.h>
#include <session/timer.h>

static struct env          *the_env;
static struct timer_session timer;
static struct thread        spinner;

static void spin(struct thread *thread)
{
	for (uint64_t volatile n = 0;; n++) { }
}

/** First access to new memory is a page fault */
static void fault(void)
{
	dataspace_cap_t ds;
	void *at;
	enum error error = ram_alloc(the_env, 4096, &ds);
	if (!error)
		error = ram_attach(the_env, ds, true, &at);
	if (error) {
		log_error("no memory: %s", error_text(error));
		return;
	}
	*(char volatile *)at = 1;
	ram_detach(the_env, at);
	ram_free(the_env, ds);
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	static unsigned n;
	uint64_t us;
	trace_mark("tick %u", ++n);
	if (timer_elapsed_us(timer.cap, &us) != ERROR_OK)
		log_error("the timer is gone");
	fault();
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	uint64_t const period = hid_uint(env->config, "every_ms", 20) * 1000;
	the_env = env;
	enum error error = timer_open(&timer, env, NULL);
	if (!error) error = signal_handler_open(&ticker, env->ep);
	if (!error) error = timer_periodic(timer.cap, ticker.cap, period);
	if (!error && hid_bool(env->config, "spin", false))
		error = thread_open(&spinner, env, &(struct thread_args) {
			.entry = spin, .name = "spinner", .priority = 1 });
	return error;
}
