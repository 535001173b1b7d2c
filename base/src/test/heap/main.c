/* SPDX-License-Identifier: MIT */
/*
 * Property: pieces of a heap are zeroed, aligned, apart from each other and keep
 * their content; what is freed is used again; a heap's limit and an empty
 * account are NULL, never a fault; closing a heap gives everything back.
 */

/* public */
#include <base/heap.h>
#include <util/string.h>

/* local */
#include "test.h"

enum { PIECES = 600, WORKERS = 8 };

struct piece { unsigned char *at; size_t size; };

static struct piece pieces[WORKERS][PIECES];

static void fill(struct piece *piece, unsigned char mark)
{
	check(!((uint64_t)piece->at & 15), "not aligned: %p", (void *)piece->at);
	for (size_t i = 0; i < piece->size; i++)
		check(!piece->at[i], "byte %zu of %zu is not zero", i, piece->size);
	memset(piece->at, mark, piece->size);
}

static void empty(struct heap *heap, struct piece *piece, unsigned char mark)
{
	for (size_t i = 0; i < piece->size; i++)
		check(piece->at[i] == mark, "byte %zu of %zu was overwritten", i,
		      piece->size);
	heap_free(heap, piece->at, piece->size);
	piece->at = NULL;
}

/** Mostly small pieces, some pages, some larger than any chunk */
static size_t some_size(uint64_t *seed)
{
	uint64_t const r = test_random(seed);
	if (r % 64 == 0)
		return (r >> 8) % 200000;
	return r % 8 ? (r >> 8) % 300 : (r >> 8) % 6000;
}

static void stress(struct heap *heap, struct piece *piece, uint64_t seed)
{
	for (unsigned n = 0; n < 1500; n++) {
		unsigned const i = (unsigned)(test_random(&seed) % PIECES);
		unsigned char const mark = (unsigned char)(i * 7 + 1);
		if (piece[i].at) {
			empty(heap, &piece[i], mark);
			continue;
		}
		piece[i].size = some_size(&seed);
		piece[i].at   = heap_alloc(heap, piece[i].size);
		check(piece[i].at, "no RAM for %zu bytes", piece[i].size);
		fill(&piece[i], mark);
	}
	for (unsigned i = 0; i < PIECES; i++)
		if (piece[i].at)
			empty(heap, &piece[i], (unsigned char)(i * 7 + 1));
}

static void random_pieces(void)
{
	struct heap *const heap = heap_open(test_env, 64 << 20);
	check(heap, "no heap");
	size_t const used = heap_used(heap);
	stress(heap, pieces[0], 4711);
	check(heap_used(heap) >= used, "less in use than at the beginning");
	heap_close(heap);
}

static struct heap *shared;

static void share(struct worker *worker)
{
	stress(shared, pieces[worker->index], worker->index + 1);
}

static void concurrent(void)
{
	static struct worker workers[WORKERS];
	shared = heap_open(test_env, 64 << 20);
	workers_open(workers, WORKERS, 0, share);
	workers_join(workers, WORKERS);
	heap_close(shared);
}

static void used_again(void)
{
	struct heap *const heap = heap_open(test_env, 8 << 20);
	for (unsigned i = 0; i < 4000; i++) {
		void *const p = heap_alloc(heap, 100 + i % 400);
		check(p, "empty after %u pieces that were freed", i);
		heap_free(heap, p, 100 + i % 400);
	}
	heap_close(heap);
}

static void limit(void)
{
	enum { LIMIT = 256 << 10 };
	struct heap *const heap = heap_open(test_env, LIMIT);
	struct pd_account const before = test_account();
	size_t sum = 0;
	while (heap_alloc(heap, 1000))
		sum += 1000;
	check(sum > LIMIT / 2 && sum <= LIMIT, "%zu bytes of %d", sum, LIMIT);
	check(!heap_alloc(heap, LIMIT), "more than all");
	check(!heap_alloc(heap, ~0ul - 5000), "nearly endless");
	check(!heap_alloc(heap, ~0ul), "endless");
	check(test_account().ram_used - before.ram_used <= LIMIT + 8192,
	      "the limit does not bound the account");
	heap_close(heap);
}

static void nothing(void)
{
	struct heap *const heap = heap_open(test_env, 1 << 20);
	void *const p = heap_alloc(heap, 0), *const q = heap_alloc(heap, 0);
	check(p && q && p != q, "no pieces of 0 bytes");
	heap_free(heap, p, 0);
	heap_free(heap, q, 0);
	heap_free(heap, NULL, 100);
	heap_close(heap);
	heap_close(NULL);
}

static void account_empty(void)
{
	struct pd_account const account = test_account();
	struct heap *const heap = heap_open(test_env, ~0ul);
	check(!heap_alloc(heap, account.ram_limit), "more than the account has");
	unsigned chunks = 0;
	while (heap_alloc(heap, 256 << 10))
		chunks++;
	check(chunks > 4, "%u pieces of 256K", chunks);
	while (heap_alloc(heap, 64))
		chunks++;
	struct pd_account const full = test_account();
	check(full.ram_limit - full.ram_used < 128 << 10
	      || full.caps_limit == full.caps_used, "the account is not empty");
	heap_close(heap);
	heap_free(test_env->heap, heap_alloc(test_env->heap, 5000), 5000);
}

static struct test_step const steps[] = {
	{ "random pieces", random_pieces }, { "on all CPUs", concurrent },
	{ "freed is used again", used_again }, { "limit", limit },
	{ "nothing", nothing }, { "empty account", account_empty },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
