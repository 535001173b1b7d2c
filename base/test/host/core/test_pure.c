/* SPDX-License-Identifier: MIT */
/** Core's pure parts: allocators, archive, ELF check, ring, placement */

#include <stdlib.h>
#include <test.h>
#include <util/minmax.h>
#include <util/string.h>
#include "fake_kernel.h"
#include "memory/archive.h"
#include "memory/elf.h"
#include "memory/frames.h"
#include "memory/regions.h"
#include "memory/ring.h"
#include "service/claim.h"

/* -- ranges -- */

static void ranges_basic(void)
{
	struct ranges r = { .free = 0 };
	uint64_t a, b, c;
	fake_reset(NULL, 0);
	ranges_add(&r, FAKE_BASE, 16 * 4096);
	CHECK(r.free == 16 * 4096);
	CHECK(ranges_alloc(&r, 4096, 4096, &a) && a == FAKE_BASE + 15 * 4096);
	CHECK(ranges_alloc(&r, 4 * 4096, 4 * 4096, &b) && b % (4 * 4096) == 0);
	CHECK(!ranges_alloc(&r, 16 * 4096, 4096, &c));
	CHECK(!ranges_alloc(&r, 0, 4096, &c));
	ranges_add(&r, a, 4096);
	ranges_add(&r, b, 4 * 4096);
	CHECK(ranges_alloc(&r, 16 * 4096, 4096, &c) && c == FAKE_BASE);
	CHECK(!r.free && avl_empty(&r.by_base) && avl_empty(&r.by_size));
}

/** Random allocations never overlap, and all of it comes back as one range */
static void ranges_random(void)
{
	enum { N = 200, PAGES = 2048 };
	static uint8_t used[PAGES];
	struct { uint64_t base, size; } got[N] = { { 0, 0 } };
	struct ranges r = { .free = 0 };
	fake_reset(NULL, 0);
	ranges_add(&r, FAKE_BASE, PAGES * 4096);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned const i = test_random(N);
		if (got[i].size) {
			for (uint64_t p = 0; p < got[i].size / 4096; p++)
				used[(got[i].base - FAKE_BASE) / 4096 + p] = 0;
			ranges_add(&r, got[i].base, got[i].size);
			got[i].size = 0;
			continue;
		}
		uint64_t const size = (1 + test_random(30)) * 4096ul;
		uint64_t const align = 4096ul << test_random(4);
		uint64_t base, n = size;
		if (test_random(8) == 0)
			n = ranges_alloc_part(&r, size, &base);
		else if (!ranges_alloc(&r, size, align, &base))
			continue;
		else
			CHECK(base % align == 0);
		for (uint64_t p = 0; p < n / 4096; p++) {
			uint8_t *const u = &used[(base - FAKE_BASE) / 4096 + p];
			CHECK(!*u);
			*u = 1;
		}
		got[i].base = base;
		got[i].size = n;
	}
	for (unsigned i = 0; i < N; i++)
		if (got[i].size)
			ranges_add(&r, got[i].base, got[i].size);
	uint64_t all;
	CHECK(ranges_alloc(&r, PAGES * 4096, 4096, &all) && all == FAKE_BASE);
}

/* -- arena and frame lists -- */

static struct account account;

static void arena_exact(void)
{
	enum { N = 300 };
	struct { unsigned char *p; size_t size; uint8_t mark; } o[N] = { { 0 } };
	struct arena arena = { .account = &account };
	account = (struct account) { .ram_limit = 1 << 20 };
	fake_reset(NULL, 0);
	ranges_add(&physical, FAKE_BASE, 4 << 20);

	for (unsigned step = 0; step < 30000; step++) {
		unsigned const i = test_random(N);
		if (o[i].p) {
			for (size_t b = 0; b < o[i].size; b++)
				CHECK(o[i].p[b] == o[i].mark);
			arena_free(&arena, o[i].p, o[i].size);
			o[i].p = NULL;
			continue;
		}
		o[i].size = 1 + (test_random(10) ? test_random(400)
		                                 : test_random(ARENA_MAX));
		o[i].p = arena_alloc(&arena, o[i].size);
		if (!o[i].p)
			continue;
		for (size_t b = 0; b < o[i].size; b++)
			CHECK(!o[i].p[b]);
		o[i].mark = (uint8_t)(1 + test_random(255));
		memset(o[i].p, o[i].mark, o[i].size);
	}
	CHECK(account.ram_used % 4096 == 0
	   && account.ram_used <= account.ram_limit);
	struct arena copy = arena;
	arena_clear(&copy);
	CHECK(!account.ram_used && physical.free == 4 << 20);
	CHECK(!arena_alloc(&copy, ARENA_MAX + 1));
	account.ram_limit = 4095;
	CHECK(!arena_alloc(&copy, 1));
}

/** Pages without a free granule, which get one after the other */
static void arena_full(void)
{
	enum { PAGES = 3, EACH = 125, N = PAGES * EACH };
	struct { void *p; size_t size; } o[N];
	struct arena arena = { .account = &account };
	account = (struct account) { .ram_limit = 1 << 20 };
	fake_reset(NULL, 0);
	ranges_add(&physical, FAKE_BASE, 4 << 20);
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < N; i++) {
			o[i].size = i % EACH == EACH - 1 ? 64 : 32;
			o[i].p    = arena_alloc(&arena, o[i].size);
			CHECK(o[i].p);
		}
		CHECK(account.ram_used == PAGES * 4096);
		for (unsigned left = N; left; left--) {
			unsigned const i = test_random(left);
			arena_free(&arena, o[i].p, o[i].size);
			o[i] = o[left - 1];
		}
		CHECK(!account.ram_used && !arena.open && !arena.full);
	}
}

static void frame_lists(void)
{
	struct arena arena = { .account = &account };
	struct frame_list list = { .frames = 0 };
	uint64_t phys;
	account = (struct account) { .ram_limit = 1 << 20 };
	fake_reset(NULL, 0);
	ranges_add(&physical, FAKE_BASE, 4 << 20);
	unsigned n = 0;
	while (!frame_list_alloc(&list, &arena, 1 + n % 3, &phys))
		n++;
	CHECK(n > 100 && list.frames > 200);
	frame_list_free(&list, &arena);
	CHECK(!account.ram_used && physical.free == 4 << 20 && !list.frames);
}

/* -- placement -- */

static void regions_guard(void)
{
	struct regions m;
	struct region a = { .size = 4096 }, b = { .size = 8192 },
	              c = { .size = 4096 };
	regions_init(&m, 0x400000, 0x100000, true);
	CHECK(regions_place(&m, &a, 4096) == ERROR_OK && a.base == 0x401000);
	CHECK(regions_place(&m, &b, 4096) == ERROR_OK);
	CHECK(b.base > a.base + a.size || b.base + b.size < a.base);
	CHECK(regions_find(&m, 0x401fff) == &a && !regions_find(&m, 0x400fff));
	c.base = 0x402000;
	CHECK(regions_insert(&m, &c) == ERROR_OK);
	struct region d = { .base = 0x401000, .size = 4096 };
	CHECK(regions_insert(&m, &d) == ERROR_CONFLICT);
	d.base = 0x3ff000;
	CHECK(regions_insert(&m, &d) == ERROR_CONFLICT);
	d.base = 0x500000;
	CHECK(regions_insert(&m, &d) == ERROR_CONFLICT);
	d.base = 0x4ff000;
	CHECK(regions_insert(&m, &d) == ERROR_OK);
	struct region huge = { .size = ~4095ul };
	CHECK(regions_place(&m, &huge, 4096) == ERROR_CONFLICT);
	regions_remove(&m, &a);
	regions_remove(&m, &c);
	regions_remove(&m, &d);
	regions_remove(&m, &b);
	CHECK(!regions_any(&m) && m.end.gap == 0x100000);
}

static void regions_random(void)
{
	enum { N = 100 };
	static struct region r[N];
	static uint8_t used[4096];
	struct regions m;
	bool in[N] = { false };
	regions_init(&m, 0, 4096 * 4096, false);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned const i = test_random(N);
		if (in[i]) {
			for (uint64_t p = 0; p < r[i].size / 4096; p++)
				used[r[i].base / 4096 + p] = 0;
			regions_remove(&m, &r[i]);
			in[i] = false;
			continue;
		}
		r[i] = (struct region) {
			.size = (1 + test_random(60)) * 4096ul,
			.base = test_random(4200) * 4096ul,
		};
		uint64_t const align = 4096ul << test_random(5);
		bool const fixed = test_random(2);
		in[i] = (fixed ? regions_insert(&m, &r[i])
		               : regions_place(&m, &r[i], align)) == ERROR_OK;
		if (!in[i])
			continue;
		CHECK(fixed || r[i].base % align == 0);
		for (uint64_t p = 0; p < r[i].size / 4096; p++) {
			CHECK(!used[r[i].base / 4096 + p]);
			used[r[i].base / 4096 + p] = 1;
		}
		CHECK(regions_find(&m, r[i].base + r[i].size - 1) == &r[i]);
	}
	for (struct region *x; (x = regions_any(&m));)
		regions_remove(&m, x);
	CHECK(m.end.gap == 4096 * 4096);
}

/* -- archive -- */

static _Alignas(8) char image[3 * 4096];

static void build_image(void)
{
	memset(image, 0, sizeof image);
	uint64_t *const w = (void *)image;
	struct archive_entry *const e = (void *)(image + 64);
	memcpy(image, "ASHLARBI", 8);
	w[1] = 1 | 2ul << 32;
	w[2] = sizeof image;
	string_copy(e[0].name, sizeof e[0].name, "one");
	string_copy(e[1].name, sizeof e[1].name, "two");
	memcpy(image + 4096, "hello", 5);
	memcpy(image + 8192, "hello, world", 12);
	e[0].offset = 4096;
	e[0].size   = 5;
	e[1].offset = 8192;
	e[1].size   = 12;
	for (unsigned i = 0; i < 2; i++)
		e[i].sum = archive_sum(image + e[i].offset, e[i].size,
		                       e[i].size);
	w[3] = archive_sum(e, 2 * sizeof *e, 2);
}

static void archive_good(void)
{
	struct archive archive;
	struct archive_entry const *e;
	build_image();
	CHECK(archive_open(&archive, image, sizeof image) == ERROR_OK);
	CHECK(archive_find(&archive, "two", &e) == ERROR_OK && e->size == 12);
	CHECK(archive_find(&archive, "three", &e) == ERROR_NOT_FOUND);
	image[8192] ^= 1;
	CHECK(archive_find(&archive, "two", &e) == ERROR_OK); /* seen before */
	CHECK(archive_open(&archive, image, sizeof image) == ERROR_OK);
	CHECK(archive_find(&archive, "two", &e) == ERROR_CORRUPT);
	CHECK(archive_find(&archive, "two", &e) == ERROR_CORRUPT);
	CHECK(archive_find(&archive, "one", &e) == ERROR_OK);
}

/** Any single changed bit of header or entries is noticed */
static void archive_bits(void)
{
	struct archive archive;
	for (unsigned bit = 0; bit < (64 + 2 * 80) * 8; bit++) {
		unsigned const byte = bit / 8;
		if (byte >= 32 && byte < 64)
			continue;                       /* padding */
		build_image();
		image[byte] = (char)(image[byte] ^ 1 << bit % 8);
		enum error const error =
			archive_open(&archive, image, sizeof image);
		CHECK(error == ERROR_CORRUPT
		   || (byte >= 16 && byte < 24));       /* a smaller total */
	}
	for (size_t size = 0; size < sizeof image; size += 97)
		CHECK(archive_open(&archive, image, size) == ERROR_CORRUPT);
}

/** A total size that is less than the header's, whatever else is right */
static void archive_short(void)
{
	struct archive archive;
	build_image();
	uint64_t *const w = (void *)image;
	w[1] = 1;                                       /* no entries */
	w[3] = archive_sum(image + 64, 0, 0);
	for (w[2] = 0; w[2] < 64; w[2]++)
		CHECK(archive_open(&archive, image, sizeof image)
		      == ERROR_CORRUPT);
	CHECK(archive_open(&archive, image, sizeof image) == ERROR_OK);
}

/* -- ELF -- */

static _Alignas(8) char elf[2 * 4096];

struct ph { uint32_t type, flags; uint64_t offset, virt, phys, file, mem, align; };

static struct ph *build_elf(void)
{
	memset(elf, 0, sizeof elf);
	uint16_t *const h = (void *)elf;
	uint64_t *const q = (void *)elf;
	memcpy(elf, "\177ELF\2\1\1", 7);
	h[8]  = 2;
	h[9]  = 62;
	q[3]  = 0x200100;
	q[4]  = 64;
	h[27] = 56;
	h[28] = 2;
	struct ph *const ph = (void *)(elf + 64);
	ph[0] = (struct ph) { 1, 5, 0, 0x200000, 0, 4096, 4096, 4096 };
	ph[1] = (struct ph) { 1, 6, 4096, 0x201000, 0, 4096, 9000, 4096 };
	return ph;
}

static enum error check_elf(void)
{
	struct elf_image result;
	return elf_check(&result, elf, sizeof elf, 0x200000, 0x380000);
}

static void elf_good(void)
{
	struct elf_image result;
	build_elf();
	CHECK(elf_check(&result, elf, sizeof elf, 0x200000, 0x380000) == ERROR_OK);
	CHECK(result.count == 2 && result.entry == 0x200100
	   && result.segment[1].memory_size == 9000
	   && result.segment[0].flags == ELF_EXEC);
}

static void elf_bad(void)
{
#define BAD(change) \
	do { \
		struct ph *const ph = build_elf(); \
		uint64_t *const q = (void *)elf; \
		uint16_t *const h = (void *)elf; \
		(void)ph; (void)q; (void)h; \
		change; \
		CHECK(check_elf() == ERROR_CORRUPT); \
	} while (0)
	BAD(elf[0] = 0);
	BAD(elf[4] = 1);
	BAD(h[8] = 3);
	BAD(h[9] = 3);
	BAD(q[3] = 0x201000);
	BAD(q[3] = 0);
	BAD(q[4] = sizeof elf);
	BAD(q[4] = ~0ul - 7);
	BAD(h[27] = 57);
	BAD(h[28] = 0xffff);
	BAD(ph[0].flags = 7);
	BAD(ph[0].mem = 5000);
	BAD(ph[0].virt = 0x200001);
	BAD(ph[0].virt = 0x1000);
	BAD(ph[0].virt = ~0ul & ~4095ul);
	BAD(ph[1].virt = 0x200000);
	BAD(ph[1].mem = 0x10000000);
	BAD(ph[1].mem = ~0ul);
	BAD(ph[1].file = 4097);
	BAD(ph[1].offset = ~4095ul);
	BAD(ph[1].offset = 17);
#undef BAD
}

static void elf_truncated(void)
{
	struct elf_image result;
	build_elf();
	for (size_t size = 0; size < sizeof elf; size += 13) {
		char *const copy = malloc(size + 1);
		memcpy(copy, elf, size);
		CHECK(elf_check(&result, copy, size, 0x200000, 0x380000));
		free(copy);
	}
}

/* -- ring -- */

static void ring_order(void)
{
	static _Alignas(8) char memory[RING_DATA + 100];
	struct ring *const ring = (void *)memory;
	uint64_t tail = 0, lost, written = 0, seen = 0;
	ring_init(ring, sizeof memory);
	for (unsigned step = 0; step < 20000; step++) {
		char text[40], got[64];
		size_t const n = test_random(sizeof text);
		for (size_t i = 0; i < n; i++)
			text[i] = (char)(written++ % 251);
		ring_write(ring, text, n);
		if (test_random(3))
			continue;
		size_t const length = ring_read(ring, &tail, got,
		                                1 + test_random(64), &lost);
		seen += lost;
		for (size_t i = 0; i < length; i++)
			CHECK(got[i] == (char)(seen++ % 251));
		CHECK(seen == tail && tail <= written);
	}
}

static void claims_exclusive(void)
{
	struct avl_tree claims = { 0 };
	struct claim a = { 0 }, b = { 0 };
	CHECK(claim_open(&claims, &a, 0x100, 0x10));
	CHECK(!claim_open(&claims, &b, 0x10f, 1));
	CHECK(!claim_open(&claims, &b, 0xff, 2));
	CHECK(!claim_open(&claims, &b, 0x200, 0));
	CHECK(!claim_open(&claims, &b, ~0ul, 2));
	CHECK(claim_open(&claims, &b, 0x110, 1));
	claim_close(&claims, &a);
	claim_close(&claims, &a);
	CHECK(claim_open(&claims, &a, 0x10f, 1));

	/* many, at random, against a map */
	static struct claim many[200];
	static bool taken[1000];
	for (unsigned i = 0; i < 20000; i++) {
		struct claim *const c = &many[test_random(200)];
		bool const open = avl_linked(&c->node);
		uint64_t const base = open ? c->base : 0x1000 + test_random(980);
		uint64_t const size = open ? c->size : 1 + test_random(20);
		bool free = true;
		for (uint64_t at = base; at < base + size; at++)
			free &= !taken[at - 0x1000];
		if (open)
			claim_close(&claims, c);
		else
			CHECK(claim_open(&claims, c, base, size) == free);
		for (uint64_t at = base; (open || free) && at < base + size; at++)
			taken[at - 0x1000] = !open;
	}
}

static struct test_case const cases[] = {
	{ "ranges: basic",          ranges_basic },
	{ "ranges: random",         ranges_random },
	{ "arena: exact",           arena_exact },
	{ "arena: full pages",      arena_full },
	{ "frame lists",            frame_lists },
	{ "regions: guards, fixed", regions_guard },
	{ "regions: random",        regions_random },
	{ "archive: entries, sums", archive_good },
	{ "archive: bit errors",    archive_bits },
	{ "archive: shorter than its header", archive_short },
	{ "ELF: good",              elf_good },
	{ "ELF: hostile",           elf_bad },
	{ "ELF: truncated",         elf_truncated },
	{ "ring: order, losses",    ring_order },
	{ "claims: exclusive",      claims_exclusive },
};

int main(void)
{
	return test_run(cases, array_length(cases));
}
