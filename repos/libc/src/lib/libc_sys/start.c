/* SPDX-License-Identifier: MIT */
/*
 * Start: musl is set up by a constructor, before those of the program; 'main' is
 * a thread of musl's, so that the component's first thread can go on serving.
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/resource.h>
#include <libc/run.h>

/* musl */
#include <elf.h>
#include <pthread.h>
#include <stdlib.h>

/* local */
#include "sys.h"

struct env *libc_env;

/* musl's own */
void __init_libc(char **environment, char *name);
extern char **environ;

enum { STACK = 256 * 1024, ARGUMENTS = 32, STRING = 256 };

static struct {
	libc_main_t main;
	int         count;
	char       *arguments[ARGUMENTS + 1];
	char       *environment[ARGUMENTS + 1];
} program;

/** What Linux leaves on a new program's stack: no variables, one auxiliary value */
static struct {
	char    *variables[1];
	uint64_t auxiliary[4];
} initial = { .auxiliary = { AT_PAGESZ, 4096, AT_NULL, 0 } };

__attribute__((constructor))
static void construct(void)
{
	static char name[] = "program";
	__init_libc(initial.variables, name);
}

static void *run_main(void *unused)
{
	exit(program.main(program.count, program.arguments, program.environment));
}

/** Values of the nodes of 'type', from list[from] on. Returns NO_RAM, LIMIT */
static enum error read_strings(struct env *env, char const *type, char **list,
                               int from, int *count)
{
	struct hid const *node = NULL;
	*count = from;
	while ((node = hid_next(env->config, node, type))) {
		if (*count == ARGUMENTS)
			return ERROR_LIMIT;
		char *const text = heap_alloc(env->heap, STRING);
		if (!text)
			return ERROR_NO_RAM;
		list[(*count)++] = text;
		if (!hid_string(node, "value", text, STRING))
			return ERROR_LIMIT;
	}
	return ERROR_OK;
}

static enum error start_main(size_t stack)
{
	pthread_attr_t attributes;
	pthread_t thread;
	if (pthread_attr_init(&attributes)
	    || pthread_attr_setstacksize(&attributes, stack)
	    || pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED))
		return ERROR_INVALID;
	return pthread_create(&thread, &attributes, run_main, NULL)
		? ERROR_NO_RAM : ERROR_OK;
}

enum error libc_run(struct env *env, libc_main_t function)
{
	static char name[] = "program";
	int variables;
	if (libc_env)
		return ERROR_CONFLICT;
	libc_env = env;
	/* who wants memory may be told that there is none, but not be kept waiting */
	resource_ask(env, RESOURCE_AT_ONCE);
	program.main         = function;
	program.arguments[0] = name;
	enum error error = memory_open(env);
	if (!error)
		error = thread_signal(env, &thread_running()->signal);
	if (!error)
		error = read_strings(env, "arg", program.arguments, 1,
		                     &program.count);
	if (!error)
		error = read_strings(env, "variable", program.environment, 0,
		                     &variables);
	if (error)
		return error;
	environ = program.environment;
	return start_main(hid_uint(env->config, "stack", STACK));
}
