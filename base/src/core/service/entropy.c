/* SPDX-License-Identifier: MIT */
/**
 * Entropy service: a generator that is stirred at each call
 *
 * State is a key of 256 bits. A block of ChaCha20 (RFC 8439, 2.3) under it gives
 * 32 bytes of output and the next key, so that what was given away cannot be
 * computed from the state that is left.
 */

/* public */
#include <cpuid.h>
#include <rpc/entropy.h>
#include <util/string.h>

/* local */
#include "clock.h"
#include "session.h"
#include "service/services.h"

struct entropy { struct core_session session; };

enum { KEY_WORDS = 8, BLOCK_WORDS = 16, ROUNDS = 10, ATTEMPTS = 10 };

static uint32_t            key[KEY_WORDS];
static uint64_t            blocks;
static enum entropy_source best;

/* -- generator -- */

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b; *d = rotate(*d ^ *a, 16);
	*c += *d; *b = rotate(*b ^ *c, 12);
	*a += *b; *d = rotate(*d ^ *a, 8);
	*c += *d; *b = rotate(*b ^ *c, 7);
}

static void double_round(uint32_t x[BLOCK_WORDS])
{
	for (unsigned i = 0; i < 4; i++)
		quarter(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
	for (unsigned i = 0; i < 4; i++)
		quarter(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4],
		        &x[12 + (i + 3) % 4]);
}

static void next_block(uint32_t out[BLOCK_WORDS])
{
	uint32_t start[BLOCK_WORDS] = {
		0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	memcpy(&start[4], key, sizeof key);
	memcpy(&start[12], &blocks, sizeof blocks);
	memcpy(out, start, sizeof start);
	for (unsigned i = 0; i < ROUNDS; i++)
		double_round(out);
	for (unsigned i = 0; i < BLOCK_WORDS; i++)
		out[i] += start[i];
	memcpy(key, out, sizeof key);
	blocks++;
}

/* -- sources -- */

/* Either may be dry for a moment (SDM volume 1, 7.3.17) */
static bool rdseed(uint64_t *value)
{
	bool good = false;
	for (unsigned i = 0; !good && i < ATTEMPTS; i++)
		__asm__ volatile ("rdseed %0" : "=r"(*value), "=@ccc"(good));
	return good;
}

static bool rdrand(uint64_t *value)
{
	bool good = false;
	for (unsigned i = 0; !good && i < ATTEMPTS; i++)
		__asm__ volatile ("rdrand %0" : "=r"(*value), "=@ccc"(good));
	return good;
}

static uint32_t cpuid_b7(void)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) ? b : 0;
}

static uint32_t cpuid_c1(void)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	return __get_cpuid(1, &a, &b, &c, &d) ? c : 0;
}

enum { C1_RDRAND = 1u << 30, C1_HYPERVISOR_SHIFT = 31, B7_RDSEED = 1u << 18 };

/** What the CPU offers, and how good that is */
static enum entropy_source hardware(uint64_t *value)
{
	if (cpuid_b7() & B7_RDSEED && rdseed(value))
		return ENTROPY_RDSEED;
	if (cpuid_c1() & C1_RDRAND && rdrand(value))
		return ENTROPY_RDRAND;
	*value = 0;
	return ENTROPY_JITTER;
}

uint64_t entropy_seed(void)
{
	uint64_t value;
	return hardware(&value) == ENTROPY_JITTER ? clock_tsc() : value;
}

static void stir(unsigned place, uint64_t value)
{
	key[2 * place]     ^= (uint32_t)value;
	key[2 * place + 1] ^= (uint32_t)(value >> 32);
}

static void stir_all(void)
{
	for (unsigned i = 0; i < KEY_WORDS / 2; i++) {
		uint64_t value;
		enum entropy_source const source = hardware(&value);
		stir(i, value);
		if (source > best)
			best = source;
	}
	stir(0, clock_tsc());
}

/* -- RPC -- */

static enum error read(struct rpc_object *self, struct entropy_block *block)
{
	uint32_t out[BLOCK_WORDS];
	stir_all();
	next_block(out);
	_Static_assert(sizeof *block == sizeof out - sizeof key, "other half");
	memcpy(block, out + KEY_WORDS, sizeof *block);
	return ERROR_OK;
}

static enum error quality(struct rpc_object *self, enum entropy_source *source,
                          bool *virtual_machine)
{
	stir_all();
	*source = best;
	*virtual_machine = cpuid_c1() >> C1_HYPERVISOR_SHIFT;
	return ERROR_OK;
}

static struct entropy_ops const ops = { .read = read, .quality = quality };

struct core_service const entropy_service = {
	.name     = "Entropy",
	.size     = sizeof(struct entropy),
	.dispatch = entropy_dispatch,
	.ops      = &ops,
};
