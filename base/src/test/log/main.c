/* SPDX-License-Identifier: MIT */
/*
 * Property: what a component logs arrives whole, in order, one line a message,
 * with its label; a line that is too long is cut and harms nothing.
 */

#include <base/component.h>
#include <util/string.h>

enum error component_construct(struct env *env)
{
	char text[400];

	log_info("hex: 0x%x, unsigned: %u, negative: %d", 0xabcd, 4000000000u, -12);
	log_info("64 bit: %lx %lu", 0xfedcba9876543210ul, ~0ul);
	log_info("padded: <%5d> <%05d> <%-5d>", 42, 42, 42);
	log_info("string: <%s> <%.3s> <%8s> char: %c", "word", "prefix", "right", 'x');
	log_info("percent: 100%%");
	log_info("control: <\x1b[31m>");

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	log_info("%s", text);

	log_warning("is a warning");
	log_error("is an error");
	log_info("--- test finished ---");
	component_exit(env, ERROR_OK);
	return ERROR_OK;
}
