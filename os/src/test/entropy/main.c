/* SPDX-License-Identifier: MIT */
/* Random numbers differ and are not one-sided; System is for whom it is routed to */

#include <base/component.h>
#include <session/entropy.h>
#include <session/system.h>

enum { BLOCKS = 64 };

static struct entropy_session entropy;
static struct system_session  system;

static unsigned ones(struct entropy_block const *b)
{
	return (unsigned)(__builtin_popcountl(b->a) + __builtin_popcountl(b->b)
	                  + __builtin_popcountl(b->c) + __builtin_popcountl(b->d));
}

/** 64 blocks of 256 bits: 8192 ones, give or take eight standard deviations */
static enum error check_blocks(void)
{
	struct entropy_block block = { 0 }, last;
	unsigned sum = 0;
	for (unsigned i = 0; i < BLOCKS; i++) {
		last = block;
		enum error const error = entropy_read(entropy.cap, &block);
		if (error)
			return error;
		if (block.a == last.a || block.a == block.b || block.c == block.d)
			return ERROR_CONFLICT;
		sum += ones(&block);
	}
	log_info("%u of %u bits are set", sum, BLOCKS * 256);
	return sum > 8192 - 512 && sum < 8192 + 512 ? ERROR_OK : ERROR_CORRUPT;
}

enum error component_construct(struct env *env)
{
	static char const *const names[] = { "jitter", "RDRAND", "RDSEED" };
	enum entropy_source source = ENTROPY_JITTER;
	bool virtual = false;
	enum error error = entropy_open(&entropy, env, NULL);
	if (!error) error = check_blocks();
	if (!error) error = entropy_quality(entropy.cap, &source, &virtual);
	if (!error) log_info("source: %s%s", names[source],
	                     virtual ? ", in a virtual machine" : "");
	if (system_open(&system, env, NULL) == ERROR_DENIED)
		log_info("System is denied");
	component_exit(env, error);
	return error;
}
