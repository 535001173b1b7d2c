/* SPDX-License-Identifier: MIT */
/* Does what any component does, and does not know whether somebody watches it */

#include <base/component.h>
#include <base/heap.h>
#include <base/thread.h>

static struct thread thread;

static void run(struct thread *self)
{
	log_info("a second thread runs");
}

enum error component_construct(struct env *env)
{
	void *const memory = heap_alloc(env->heap, 300000);
	enum error const error = memory
		? thread_open(&thread, env, &(struct thread_args) {
			.entry = run, .name = "second" }) : ERROR_NO_RAM;
	if (error)
		return error;
	thread_join(&thread);
	thread_close(&thread);
	heap_free(env->heap, memory, 300000);
	component_exit(env, ERROR_OK);
	return ERROR_OK;
}
