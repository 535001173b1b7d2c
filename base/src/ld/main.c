/* SPDX-License-Identifier: MIT */
/*
 * Start of a component: base library, program, configuration, construct, serve
 */

/* public */
#include <base/component.h>
#include <base/log.h>
#include <session/rom.h>

/* internal */
#include <base/internal/base_state.h>

/* local */
#include "link.h"

void ld_main(uint64_t const *utcb) __attribute__((noreturn));

typedef enum error (*construct_t)(struct env *env);

static void construct(struct env *env)
{
	construct_t const function =
		(construct_t)link_symbol("component_construct");
	if (!function) {
		log_error("program: no component_construct");
		component_exit(env, ERROR_CORRUPT);
		return;
	}
	base_state.last_asked[0] = 0;
	enum error const error = function(env);
	if (error) {
		log_error("%s: %s", base_state.last_asked[0]
		          ? base_state.last_asked : "construct", error_text(error));
		component_exit(env, error);
	}
}

void ld_main(uint64_t const *utcb)
{
	struct env *const env = &base_state.env;

	base_init(utcb);
	enum error error = link_program(env, base_state.binary);
	if (!error)
		error = tls_install(env);
	if (!error) {
		config_init(env);
		link_construct();
		construct(env);
	} else {
		component_exit(env, error);
	}
	entrypoint_serve(env->ep);
}
