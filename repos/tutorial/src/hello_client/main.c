/* SPDX-License-Identifier: MIT */
/* Client of the tutorial: asks as often as its configuration says */

#include <base/component.h>
#include <base/hid.h>
#include <session/hello.h>

static struct hello_session hello;

enum error component_construct(struct env *env)
{
	char name[32] = "world", text[64];
	uint32_t count;

	hid_string(env->config, "greet", name, sizeof name);
	enum error error = hello_open(&hello, env, NULL);
	for (uint64_t i = hid_uint(env->config, "times", 1); i && !error; i--) {
		error = hello_greet(hello.cap, name, text, &count);
		if (!error)
			log_info("%s (%u)", text, count);
	}
	if (!error)
		component_exit(env, ERROR_OK);
	return error;
}
