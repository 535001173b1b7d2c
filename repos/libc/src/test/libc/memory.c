/* SPDX-License-Identifier: MIT */
/* Memory: allocation, exhaustion, mappings without access */

/* musl */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* local */
#include "test.h"

enum { BLOCKS = 400, ROUNDS = 6000, HUGE = 1 << 30, MEGABYTE = 1 << 20 };

static struct { unsigned char *at; size_t size; } blocks[BLOCKS];

static void check_block(int i)
{
	for (size_t k = 0; k < blocks[i].size; k++)
		check(blocks[i].at[k] == (unsigned char)(i + (int)k), "block %d at %zu", i, k);
}

/** Blocks of all sizes that grow, shrink and go, and keep what is in them */
static void churn(void)
{
	unsigned state = 3;
	for (int round = 0; round < ROUNDS; round++) {
		int const i = rand_r(&state) % BLOCKS;
		int const bits = rand_r(&state) % 15;
		size_t const size = (size_t)rand_r(&state) % (2u << bits);
		size_t const kept = size < blocks[i].size ? size : blocks[i].size;
		if (round % 8 == 0)
			check_block(i);
		unsigned char *const at = realloc(blocks[i].at, size + 1);
		check(at, "no %zu bytes", size);
		for (size_t k = kept; k < size; k++)
			at[k] = (unsigned char)(i + (int)k);
		blocks[i].at   = at;
		blocks[i].size = size;
	}
	for (int i = 0; i < BLOCKS; i++) {
		check_block(i);
		free(blocks[i].at);
	}
	memset(blocks, 0, sizeof blocks);
}

static void alignment(void)
{
	for (size_t unit = 16; unit <= 65536; unit *= 2) {
		void *at;
		check(!posix_memalign(&at, unit, 100) && (size_t)at % unit == 0,
		      "aligned to %zu", unit);
		free(at);
	}
	unsigned char *const zero = calloc(1000, 100);
	for (size_t i = 0; i < 100000; i++)
		check(!zero[i], "calloc at %zu", i);
	free(zero);
}

/** Until the account is empty; all of it comes back */
static size_t exhaust(void)
{
	static void *large[256];
	size_t n = 0;
	errno = 0;
	while (n < 256 && (large[n] = malloc(MEGABYTE))) {
		n++;
		memset(large[n - 1], (int)n, MEGABYTE);
	}
	check(n < 256 && errno == ENOMEM, "%zu MB are there", n);
	for (size_t i = 0; i < n; i++) {
		check(*((unsigned char *)large[i] + MEGABYTE - 1)
		      == (unsigned char)(i + 1), "block %zu", i);
		free(large[i]);
	}
	return n;
}

static void exhaustion(void)
{
	size_t const n = exhaust(), used = ram_used(), caps = caps_used();
	check(n > 2, "only %zu MB", n);
	for (int i = 0; i < 3; i++) {
		size_t const again = exhaust();
		check(again == n, "%zu MB, then %zu", n, again);
	}
	check(ram_used() == used && caps_used() == caps,
	      "%zu bytes and %zu capabilities in use, before %zu and %zu",
	      ram_used(), caps_used(), used, caps);
	size_t volatile const enormous = (size_t)HUGE << 20;
	errno = 0;
	void *at = malloc(enormous);
	check(!at && errno == ENOMEM, "2 ^ 50 bytes");
	errno = 0;
	at = calloc(enormous, enormous);
	check(!at && errno == ENOMEM,
	      "more than there are addresses");
}

/** Reserved addresses cost next to nothing, until some get memory */
static void reservation(void)
{
	size_t const page = 4096, used = ram_used();
	char *const at = mmap(NULL, HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
	check(at != MAP_FAILED, "cannot reserve");
	check(ram_used() - used < 16 * page, "%zu bytes", ram_used() - used);
	check(!mprotect(at + 10 * page, 4 * page, PROT_READ | PROT_WRITE), "pages");
	check(!mprotect(at + 5 * page, 20 * page, PROT_READ | PROT_WRITE),
	      "around them");
	check(!mprotect(at + 6 * page, page, PROT_READ | PROT_WRITE), "again");
	for (size_t i = 5 * page; i < 25 * page; i++) {
		check(!at[i], "not zero");
		at[i] = 1;
	}
	check(mprotect(at + HUGE - page, 2 * page, PROT_READ | PROT_WRITE) == -1
	      && errno == ENOMEM, "beyond the mapping");
	check(munmap(at, page) == -1 && errno == EINVAL, "a part");
	check(!munmap(at, HUGE), "all of it");
	check(munmap(at, HUGE) == -1, "twice");
	errno = 0;
	check(mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANON, -1, 0)
	      == MAP_FAILED && errno == EINVAL, "executable memory");
}

void test_memory(void)
{
	churn();
	alignment();
	exhaustion();
	reservation();
	printf("memory: ok\n");
}
