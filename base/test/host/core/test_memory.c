/* SPDX-License-Identifier: MIT */
/** Core's memory on the fake kernel: clones, seals, views, handlers, steps */

#include <core/kernel.h>
#include <rpc/cpu.h>
#include <rpc/dataspace.h>
#include <rpc/io_mem.h>
#include <rpc/parent.h>
#include <rpc/pd.h>
#include <rpc/rm.h>
#include <rpc/rom.h>
#include <test.h>
#include <util/minmax.h>
#include <util/string.h>
#include "booted.h"
#include "component/pd.h"
#include "component/thread.h"
#include "fake_kernel.h"
#include "root.h"

enum { PAGE = 4096, READ = 4, WRITE = 6, EXEC = 20 };

static rm_cap_t own;                 /* init's address space */

static bool fault(uint64_t at, uint64_t code)
{
	return fake_fault(init_thread()->kernel, 14, at, code);
}

/** Core takes its page of zeros when the first dataspace died */
static void take_zeros(void)
{
	uint32_t id;
	rom_cap_t rom;
	dataspace_cap_t ds;
	uint64_t size, at;
	CHECK(open_text("ROM", "init", "", 6144, 3, &id, &rom.cap) == ERROR_OK);
	CHECK(rom_dataspace(rom, &ds, &size) == ERROR_OK);
	CHECK(rm_attach(own, ds, 0, 0, 0, 0, &at) == ERROR_OK);
	CHECK(parent_close(parent, id) == ERROR_OK);
	CHECK(fault(at, READ) && rm_detach(own, at) == ERROR_OK);
}

static struct books start(void)
{
	boot();
	CHECK(pd_address_space(init_pd, &own) == ERROR_OK);
	take_zeros();
	return books();
}

/** Memory of init at 'at', as after an access that faults until it works */
static char *memory(uint64_t at, uint64_t code)
{
	uint64_t const page = at & ~(PAGE - 1ul);
	for (unsigned i = 0; i < 3; i++) {
		unsigned flags;
		uint64_t const phys = fake_mapped(root_pd()->pool.pd, page,
		                                  &flags);
		if (phys && (code == READ || flags & KERNEL_MAP_WRITE))
			return (char *)kernel_phys(phys) + at % PAGE;
		CHECK(fault(at, code));
	}
	CHECK(!"access goes on");
	return NULL;
}

static char get(uint64_t at) { return *memory(at, READ); }
static void put(uint64_t at, char value) { *memory(at, WRITE) = value; }

/** A dataspace that init attached */
struct part { dataspace_cap_t ds; uint64_t at; };

static struct part attached(dataspace_cap_t ds, unsigned flags)
{
	struct part part = { ds, 0 };
	CHECK(rm_attach(own, ds, 0, 0, 0, flags, &part.at) == ERROR_OK);
	return part;
}

static struct part allocated(uint64_t size)
{
	dataspace_cap_t ds;
	CHECK(pd_ram_alloc(init_pd, size, 0, &ds) == ERROR_OK);
	return attached(ds, RM_WRITE);
}

static struct part cloned(dataspace_cap_t source)
{
	dataspace_cap_t ds;
	CHECK(pd_ram_clone(init_pd, source, &ds) == ERROR_OK);
	return attached(ds, RM_WRITE);
}

static unsigned freed(pd_cap_t pd, dataspace_cap_t ds)
{
	unsigned steps = 1;
	enum error error;
	fake_stepwise(true);
	while ((error = pd_ram_free(pd, ds)) == ERROR_AGAIN) {
		CHECK(fake_check());
		steps++;
	}
	fake_stepwise(false);
	CHECK(error == ERROR_OK);
	return steps;
}

/* -- clones -- */

static void clones(void)
{
	enum { PAGES = 400 };
	struct books const before = start();
	struct part const a = allocated(PAGES * PAGE);
	for (unsigned i = 0; i < PAGES; i += 2)
		put(a.at + i * PAGE, (char)(i / 2 + 1));

	uint64_t const used = root_pd()->session.account.ram_used;
	struct part const b = cloned(a.ds);
	CHECK(root_pd()->session.account.ram_used - used
	      >= PAGES * PAGE + 3 * PAGE);
	uint64_t const free = physical.free;
	for (unsigned i = 0; i < PAGES; i++) {
		CHECK(get(b.at + i * PAGE) == (i % 2 ? 0 : (char)(i / 2 + 1)));
		CHECK(memory(a.at + i * PAGE, READ)
		      == memory(b.at + i * PAGE, READ));
	}
	CHECK(free - physical.free <= PAGES / 8 * PAGE);  /* page tables */

	struct part const c = cloned(b.ds);
	put(a.at + 2 * PAGE, 100);                 /* the origin moves on */
	put(b.at + 4 * PAGE, 101);
	put(c.at + 4 * PAGE + 1, 102);
	CHECK(get(a.at + 2 * PAGE) == 100 && get(b.at + 2 * PAGE) == 2);
	CHECK(get(c.at + 2 * PAGE) == 2);
	CHECK(memory(b.at + 2 * PAGE, READ) == memory(c.at + 2 * PAGE, READ));
	CHECK(get(a.at + 4 * PAGE) == 3 && get(b.at + 4 * PAGE) == 101);
	CHECK(get(c.at + 4 * PAGE) == 3 && get(c.at + 4 * PAGE + 1) == 102);
	CHECK(!get(a.at + 4 * PAGE + 1));

	/* the origin dies: nothing changes for the others */
	CHECK(freed(init_pd, a.ds) > 1);
	for (unsigned i = 6; i < PAGES; i++)
		CHECK(get(b.at + i * PAGE) == (i % 2 ? 0 : (char)(i / 2 + 1))
		   && get(c.at + i * PAGE) == get(b.at + i * PAGE));
	put(c.at + 6 * PAGE, 103);
	CHECK(get(b.at + 6 * PAGE) == 4);
	freed(init_pd, b.ds);
	CHECK(get(c.at + 8 * PAGE) == 5 && get(c.at + 6 * PAGE) == 103);
	CHECK(fake_check());
	freed(init_pd, c.ds);
	balanced(&before);
	CHECK(books().ram - before.ram <= PAGES / 8 * PAGE);
}

/** Clones with the same references: each is unmapped before the origin changes */
static void clones_alike(void)
{
	struct books const before = start();
	struct part const a = allocated(8 * PAGE);
	put(a.at + PAGE, 1);
	struct part const b = cloned(a.ds);
	put(b.at, 2);                              /* so there are references */
	struct part const c = cloned(b.ds), d = cloned(c.ds);
	CHECK(get(b.at + PAGE) == 1 && get(c.at + PAGE) == 1
	   && get(d.at + PAGE) == 1);
	put(a.at + PAGE, 3);
	CHECK(get(b.at + PAGE) == 1 && get(c.at + PAGE) == 1
	   && get(d.at + PAGE) == 1);
	freed(init_pd, a.ds);
	freed(init_pd, b.ds);
	freed(init_pd, c.ds);
	freed(init_pd, d.ds);
	balanced(&before);
}

/** A family in all constellations, against a plain copy of each */
static void clones_random(void)
{
	enum { PAGES = 180, MEMBERS = 8, STEPS = 6000 };
	static char model[MEMBERS][PAGES];
	struct part member[MEMBERS];
	bool lives[MEMBERS] = { true };
	struct books const before = start();
	member[0] = allocated(PAGES * PAGE);
	memset(model, 0, sizeof model);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned const i = test_random(MEMBERS), k = test_random(MEMBERS);
		unsigned const page = test_random(4) ? test_random(4)
		                    : test_random(PAGES);
		char const value = (char)test_random(256);
		if (!lives[i])
			continue;
		switch (test_random(40)) {
		case 0:
			if (lives[k])
				continue;
			member[k] = cloned(member[i].ds);
			memcpy(model[k], model[i], PAGES);
			lives[k] = true;
			break;
		case 1:
			freed(init_pd, member[i].ds);
			lives[i] = false;
			unsigned n = 0;
			for (unsigned m = 0; m < MEMBERS; m++)
				n += lives[m];
			if (n)
				break;
			member[0] = allocated(PAGES * PAGE);
			memset(model[0], 0, PAGES);
			lives[0] = true;
			break;
		default:
			if (value & 1) {
				put(member[i].at + page * PAGE, value);
				model[i][page] = value;
			}
			CHECK(get(member[i].at + page * PAGE)
			      == model[i][page]);
		}
		if (step % 500 == 0)
			CHECK(fake_check());
	}
	for (unsigned i = 0; i < MEMBERS; i++) {
		for (unsigned page = 0; lives[i] && page < PAGES; page++)
			CHECK(get(member[i].at + page * PAGE) == model[i][page]);
		if (lives[i])
			freed(init_pd, member[i].ds);
	}
	balanced(&before);
}

/** All of a clone is paid for: writes succeed although nothing is left */
static void clones_paid(void)
{
	enum { PAGES = 64 };
	struct books const before = start();
	struct account *const account = &root_pd()->session.account;
	struct part const a = allocated(PAGES * PAGE);
	put(a.at, 1);
	struct part const b = cloned(a.ds), c = cloned(a.ds);
	for (unsigned i = 0; i < PAGES; i++)
		get(b.at + i * PAGE);
	CHECK(pd_kernel_refill(init_pd) == ERROR_OK);
	for (unsigned i = 0; i < 8; i++)         /* for page tables */
		CHECK(pd_kernel_refill(init_pd) == ERROR_OK);
	uint64_t const limit = account->ram_limit;
	account->ram_limit = account->ram_used;
	for (unsigned i = 0; i < PAGES; i++) {
		put(b.at + i * PAGE, (char)i);
		put(a.at + i * PAGE, (char)(i + 100));
	}
	account->ram_limit = limit;
	CHECK(get(c.at) == 1 && get(b.at + PAGE) == 1);
	freed(init_pd, b.ds);
	freed(init_pd, a.ds);
	freed(init_pd, c.ds);
	balanced(&before);
}

static void clones_refused(void)
{
	struct books const before = start();
	dataspace_cap_t odd, clone;
	static uint32_t const flags[] = { PD_RAM_UNCACHED, PD_RAM_CONTIGUOUS,
	                                  PD_RAM_WRITE_COMBINED };
	for (unsigned i = 0; i < array_length(flags); i++) {
		CHECK(pd_ram_alloc(init_pd, PAGE, flags[i], &odd) == ERROR_OK);
		CHECK(pd_ram_clone(init_pd, odd, &clone) == ERROR_INVALID);
		freed(init_pd, odd);
	}
	CHECK(pd_ram_clone(init_pd, odd, &clone) == ERROR_GONE);
	CHECK(pd_ram_clone(init_pd, (dataspace_cap_t) { init_pd.cap }, &clone)
	      == ERROR_INVALID);

	struct account *const account = &root_pd()->session.account;
	struct part const a = allocated(64 * PAGE);
	uint64_t const limit = account->ram_limit, used = account->ram_used;
	account->ram_limit = used + 64 * PAGE;
	CHECK(pd_ram_clone(init_pd, a.ds, &clone) == ERROR_NO_RAM);
	CHECK(account->ram_used == used);
	account->ram_limit = limit;
	freed(init_pd, a.ds);
	balanced(&before);
}

/* -- rights -- */

static void seals(void)
{
	struct books const before = start();
	struct part const a = allocated(8 * PAGE);
	struct part const again = attached(a.ds, RM_WRITE);
	uint64_t size, at;
	bool writable, sealed = true;
	put(a.at + 5, 7);
	put(again.at + PAGE, 8);
	CHECK(dataspace_sealed(a.ds, &sealed) == ERROR_OK && !sealed);
	CHECK(pd_ram_seal(init_pd, a.ds) == ERROR_OK);
	CHECK(pd_ram_seal(init_pd, a.ds) == ERROR_OK);
	CHECK(dataspace_sealed(a.ds, &sealed) == ERROR_OK && sealed);
	CHECK(dataspace_info(a.ds, &size, &writable) == ERROR_OK && !writable);
	CHECK(!fault(a.at + 5, WRITE) && !fault(again.at + PAGE, WRITE));
	CHECK(get(again.at + 5) == 7 && get(a.at + PAGE) == 8);
	CHECK(!fault(a.at + PAGE, WRITE + 1));
	CHECK(rm_attach(own, a.ds, 0, 0, 0, RM_WRITE, &at) == ERROR_DENIED);

	struct part const b = cloned(a.ds);        /* that may be written */
	put(b.at + 5, 9);
	CHECK(get(a.at + 5) == 7 && get(b.at + 5) == 9);
	CHECK(dataspace_sealed(b.ds, &sealed) == ERROR_OK && !sealed);
	CHECK(pd_ram_seal(init_pd, b.ds) == ERROR_OK);
	CHECK(!fault(b.at + 5, WRITE + 1) && get(b.at + 5) == 9);

	dataspace_cap_t dma;
	CHECK(pd_ram_alloc(init_pd, PAGE, PD_RAM_CONTIGUOUS, &dma) == ERROR_OK);
	CHECK(pd_ram_seal(init_pd, dma) == ERROR_INVALID);
	freed(init_pd, dma);
	freed(init_pd, a.ds);
	freed(init_pd, b.ds);
	balanced(&before);
}

static void views(void)
{
	struct books const before = start();
	struct part const a = allocated(8 * PAGE);
	dataspace_cap_t view, second, clone;
	uint64_t at;
	bool sealed;
	put(a.at, 1);
	CHECK(pd_ram_view(init_pd, a.ds, &view) == ERROR_OK);
	CHECK(rm_attach(own, view, 0, 0, 0, RM_WRITE, &at) == ERROR_DENIED);
	struct part const v = attached(view, RM_READ);
	CHECK(get(v.at) == 1 && !fault(v.at, WRITE + 1));
	CHECK(memory(v.at, READ) == memory(a.at, READ));
	put(a.at, 2);
	CHECK(get(v.at) == 2);

	CHECK(pd_ram_view(init_pd, view, &second) == ERROR_OK);
	CHECK(pd_ram_clone(init_pd, second, &clone) == ERROR_OK);
	put(a.at, 3);                              /* shown, but not cloned */
	struct part const c = attached(clone, RM_READ);
	CHECK(get(v.at) == 3 && get(c.at) == 2);
	freed(init_pd, second);
	CHECK(get(v.at) == 3);

	freed(init_pd, a.ds);
	CHECK(!fake_mapped(root_pd()->pool.pd, v.at, NULL));
	CHECK(rm_attach(own, view, 0, 0, 0, 0, &at) == ERROR_GONE);
	CHECK(pd_ram_clone(init_pd, view, &second) == ERROR_GONE);
	CHECK(dataspace_sealed(view, &sealed) == ERROR_GONE);
	freed(init_pd, view);
	freed(init_pd, clone);
	balanced(&before);
}

static void physical_addresses(void)
{
	struct books const before = start();
	dataspace_cap_t plain, contiguous;
	uint32_t id;
	io_mem_cap_t io;
	uint64_t at;
	CHECK(open_text("IO_MEM", "", "io_mem | base: 0xfed00000 | size: 4096",
	                6144, 3, &id, &io.cap) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 4 * PAGE, 0, &plain) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 4 * PAGE, PD_RAM_CONTIGUOUS, &contiguous)
	      == ERROR_OK);
	CHECK(io_mem_physical(io, plain, &at) == ERROR_DENIED);
	CHECK(io_mem_physical(io, (dataspace_cap_t) { init_pd.cap }, &at)
	      == ERROR_INVALID);
	CHECK(io_mem_physical(io, contiguous, &at) == ERROR_OK);
	struct part const part = attached(contiguous, RM_WRITE);
	CHECK(memory(part.at + 3 * PAGE, WRITE)
	      == (char *)kernel_phys(at + 3 * PAGE));
	freed(init_pd, plain);
	freed(init_pd, contiguous);
	CHECK(parent_close(parent, id) == ERROR_OK);
	balanced(&before);
}

/* -- handlers -- */

/** A region that forbids the access: the handler of its map is asked */
static void refused_accesses(void)
{
	struct books const before = start();
	uint32_t id[2];
	rm_cap_t rm[2];
	dataspace_cap_t inner, outer, ds;
	uint64_t at, a;
	enum rm_access access;
	for (unsigned i = 0; i < 2; i++)
		CHECK(open_text("RM", "", "rm | size: 64K", 16384, 4, &id[i],
		                &rm[i].cap) == ERROR_OK);
	CHECK(rm_dataspace(rm[0], &outer) == ERROR_OK);
	CHECK(rm_dataspace(rm[1], &inner) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 16384, 0, &ds) == ERROR_OK);
	CHECK(rm_attach(own, outer, 0, 0, 0, RM_WRITE, &at) == ERROR_OK);
	CHECK(rm_attach(rm[0], inner, 0x4000, 0x8000, 0x4000,
	                RM_WRITE | RM_FIXED, &a) == ERROR_OK);
	CHECK(rm_attach(rm[1], ds, 0x8000, 0, 0, RM_FIXED, &a) == ERROR_OK);
	CHECK(get(at + 0x5000) == 0 && !fault(at + 0x5000, WRITE + 1));

	signal_cap_t const handler = { fake_foreign() };
	CHECK(rm_fault_handler(rm[0], handler) == ERROR_OK);
	CHECK(rm_fault_handler(rm[1], handler) == ERROR_OK);
	CHECK(!fault(at + 0x5008, WRITE + 1));
	CHECK(rm_fault(rm[0], &a, &access) == ERROR_AGAIN);
	CHECK(rm_fault(rm[1], &a, &access) == ERROR_OK && a == 0x9000
	   && access == RM_ACCESS_WRITE);
	CHECK(!fault(at + 0x5008, EXEC + 1));
	CHECK(rm_fault(rm[0], &a, &access) == ERROR_AGAIN);  /* 'own' denies */
	CHECK(rm_detach(rm[1], 0x8000) == ERROR_OK);
	CHECK(rm_attach(rm[1], ds, 0x8000, 0, 0, RM_WRITE | RM_FIXED, &a)
	      == ERROR_OK);
	put(at + 0x5008, 1);
	CHECK(rm_resume(rm[0]) == ERROR_OK && rm_resume(rm[1]) == ERROR_OK);

	/* all of it vanishes; data reads as zeros, code is no code */
	freed(init_pd, ds);
	CHECK(parent_close(parent, id[0]) == ERROR_OK);
	CHECK(parent_close(parent, id[1]) == ERROR_OK);
	CHECK(get(at + 0x5008) == 0);
	put(at + 0x5008, 2);
	CHECK(get(at + 0x5008) == 2 && !fault(at + 0x5000, EXEC));
	CHECK(rm_detach(own, at) == ERROR_OK);
	error_ignore(kernel_destroy(handler.cap), "it is there");
	balanced(&before);
}

/* -- size -- */

/** How it is cached is the same wherever it is attached */
static void kinds(void)
{
	static struct { uint32_t flag; unsigned map; } const kind[] = {
		{ 0, 0 }, { PD_RAM_UNCACHED, KERNEL_MAP_UNCACHED },
		{ PD_RAM_WRITE_COMBINED, KERNEL_MAP_WRITE_COMBINED },
	};
	struct books const before = start();
	for (unsigned i = 0; i < array_length(kind); i++) {
		dataspace_cap_t ds;
		unsigned flags;
		CHECK(pd_ram_alloc(init_pd, 2 * PAGE, kind[i].flag, &ds)
		      == ERROR_OK);
		struct part const a = attached(ds, RM_WRITE);
		struct part const b = attached(ds, RM_READ);
		put(a.at, 1);
		CHECK(get(b.at) == 1);
		CHECK(fake_mapped(root_pd()->pool.pd, a.at, &flags)
		   && flags == (kind[i].map | KERNEL_MAP_WRITE));
		CHECK(fake_mapped(root_pd()->pool.pd, b.at, &flags)
		   && flags == kind[i].map);
		freed(init_pd, ds);
	}
	balanced(&before);
}

static void large_pages(void)
{
	enum { LARGE = 2 << 20, SIZE = 2 * LARGE };
	struct books const before = start();
	struct part const a = allocated(SIZE);
	CHECK(a.at % LARGE == 0);
	unsigned faults = 0;
	for (unsigned i = 0; i < SIZE; i += PAGE) {
		if (fake_mapped(root_pd()->pool.pd, a.at + i, NULL))
			continue;
		CHECK(fault(a.at + i, WRITE));
		faults++;
	}
	CHECK(faults < 400 && fake_largest() == LARGE);
	CHECK((uint64_t)(memory(a.at, WRITE) - (char *)kernel_phys(FAKE_BASE))
	      % LARGE == LARGE - FAKE_BASE % LARGE);

	/* all is wiped: one fault a large page */
	struct part const b = attached(a.ds, RM_READ);
	CHECK(fault(b.at, READ) && fault(b.at + LARGE, READ));
	for (unsigned i = 0; i < SIZE; i += PAGE)
		CHECK(fake_mapped(root_pd()->pool.pd, b.at + i, NULL)
		   == fake_mapped(root_pd()->pool.pd, a.at + i, NULL));

	/* a part of a large page */
	struct part c = { a.ds, 0 };
	CHECK(rm_attach(own, a.ds, 0, PAGE, LARGE, RM_READ, &c.at) == ERROR_OK);
	CHECK(fault(c.at, READ) && !get(c.at + LARGE - PAGE));
	CHECK(!fake_mapped(root_pd()->pool.pd, c.at + LARGE, NULL));
	freed(init_pd, a.ds);
	balanced(&before);
}

/* -- steps -- */

static void many_attachments(void)
{
	enum { N = 300 };
	struct books const before = start();
	dataspace_cap_t ds, view, other;
	uint64_t at;
	CHECK(pd_ram_alloc(init_pd, PAGE, 0, &ds) == ERROR_OK);
	CHECK(pd_ram_view(init_pd, ds, &view) == ERROR_OK);
	for (unsigned i = 0; i < N; i++)
		get(attached(ds, RM_READ).at);
	fake_stepwise(true);
	CHECK(pd_ram_free(init_pd, ds) == ERROR_AGAIN);
	fake_stepwise(false);
	CHECK(rm_attach(own, ds, 0, 0, 0, 0, &at) == ERROR_GONE);
	CHECK(rm_attach(own, view, 0, 0, 0, 0, &at) == ERROR_GONE);
	CHECK(pd_ram_view(init_pd, view, &other) == ERROR_GONE);
	CHECK(pd_ram_clone(init_pd, view, &other) == ERROR_GONE);
	CHECK(freed(init_pd, ds) > 10 && freed(init_pd, view) == 1);
	balanced(&before);
}

static void much_to_close(void)
{
	enum { N = 60 };
	struct books const before = start();
	uint32_t id;
	pd_cap_t pd;
	rm_cap_t rm;
	uint64_t at;
	CHECK(open_text("PD", "child", "", 2 << 20, 200, &id, &pd.cap)
	      == ERROR_OK);
	CHECK(pd_address_space(pd, &rm) == ERROR_OK);
	dataspace_cap_t ds[N];
	for (unsigned i = 0; i < N; i++) {
		CHECK(pd_ram_alloc(pd, 2 * PAGE, 0, &ds[i]) == ERROR_OK);
		CHECK(rm_attach(rm, ds[i], 0, 0, 0, 0, &at) == ERROR_OK);
	}
	struct part const mine = attached(ds[3], RM_WRITE);
	put(mine.at, 5);
	unsigned steps = 1;
	enum error error;
	fake_stepwise(true);
	while ((error = parent_close(parent, id)) == ERROR_AGAIN) {
		struct pd_account account;
		CHECK(fake_check());
		CHECK(pd_account(pd, &account) == ERROR_GONE);
		steps++;
	}
	fake_stepwise(false);
	CHECK(error == ERROR_OK && steps > 5);
	CHECK(parent_close(parent, id) == ERROR_NOT_FOUND);
	CHECK(get(mine.at) == 0);
	put(mine.at, 6);
	CHECK(get(mine.at) == 6 && rm_detach(own, mine.at) == ERROR_OK);
	balanced(&before);
}

/** Many own pages in place of what died */
static void private_pages(void)
{
	enum { PAGES = 128 };
	struct books const before = start();
	uint32_t id;
	pd_cap_t pd;
	dataspace_cap_t ds;
	CHECK(open_text("PD", "child", "", 1 << 20, 20, &id, &pd.cap)
	      == ERROR_OK);
	CHECK(pd_ram_alloc(pd, PAGES * PAGE, 0, &ds) == ERROR_OK);
	struct part const mine = attached(ds, RM_WRITE);
	CHECK(parent_close(parent, id) == ERROR_OK);
	for (unsigned i = 0; i < PAGES; i++)
		put(mine.at + i * PAGE, (char)i);
	unsigned steps = 1;
	fake_stepwise(true);
	while (rm_detach(own, mine.at) == ERROR_AGAIN) {
		CHECK(fake_check());
		steps++;
	}
	fake_stepwise(false);
	CHECK(rm_detach(own, mine.at) == ERROR_NOT_FOUND);
	CHECK(steps < PAGES);
	balanced(&before);
}

/** What is unmapped everywhere on the way to a mapping is found later on */
static void write_in_places(void)
{
	struct books const before = start();
	for (unsigned places = 1; places < 12; places++) {
		struct part const a = allocated(PAGE);
		struct part const b = cloned(a.ds);
		for (unsigned i = 0; i < places; i++)
			get(attached(b.ds, RM_READ).at);
		put(b.at, 1);
		freed(init_pd, b.ds);
		CHECK(!fake_mapped(root_pd()->pool.pd, b.at, NULL));
		freed(init_pd, a.ds);
	}
	balanced(&before);
}

enum { READERS = 60 };
static uint64_t    readers[READERS];
static struct part original;
static unsigned    turns;

/** Twice, so that it is mapped everywhere although the first one unmaps */
static void read_everywhere(void)
{
	for (unsigned i = 0; i < 2 * READERS; i++)
		get(readers[i % READERS]);
}

/** Somebody else clones it in the middle, and writes before and after */
static void clone_in_between(void)
{
	if (!turns++) {
		put(original.at, 2);
		struct part const other = cloned(original.ds);
		put(original.at, 3);
		CHECK(get(other.at) == 2);
		freed(init_pd, other.ds);
	}
	read_everywhere();
}

/** Cloning ends although memory is mapped again between any two steps */
static void clone_among_readers(void)
{
	struct books const before = start();
	original = allocated(PAGE);
	put(original.at, 1);
	for (unsigned i = 0; i < READERS; i++)
		readers[i] = attached(original.ds, RM_READ).at;
	read_everywhere();
	turns = 0;
	fake_between(clone_in_between);
	struct part const clone = cloned(original.ds);
	fake_between(NULL);
	CHECK(turns && turns < READERS);
	char const value = get(clone.at);
	CHECK(value >= 1 && value <= 3);
	put(original.at, 4);
	CHECK(get(clone.at) == value && get(readers[0]) == 4);
	freed(init_pd, clone.ds);

	freed(init_pd, original.ds);
	balanced(&before);
}

/** Who asks for clones dies before they are complete: they give way to others */
static void abandoned(void)
{
	enum { N = 70 };
	struct books const before = start();
	uint32_t id;
	pd_cap_t pd;
	dataspace_cap_t ds;
	original = allocated(PAGE);
	for (unsigned i = 0; i < READERS; i++)
		readers[i] = attached(original.ds, RM_READ).at;
	CHECK(open_text("PD", "child", "", 2 << 20, 200, &id, &pd.cap)
	      == ERROR_OK);
	for (unsigned i = 0; i < N; i++) {
		read_everywhere();
		fake_stepwise(true);
		CHECK(pd_ram_clone(pd, original.ds, &ds) == ERROR_AGAIN);
		fake_stepwise(false);
	}
	CHECK(pd_ram_alloc(pd, PAGE, 0, &ds) == ERROR_OK);
	freed(init_pd, original.ds);
	CHECK(pd_ram_alloc(pd, PAGE, 0, &ds) == ERROR_OK);
	CHECK(parent_close(parent, id) == ERROR_OK);
	balanced(&before);
}

/** Scattered memory of which there is not enough for all: nothing is left of it */
static void half_of_it(void)
{
	enum { PAGES = 600 };
	static uint64_t taken[FAKE_RAM / PAGE];
	struct books const before = start();
	struct account *const account = &root_pd()->session.account;
	uint64_t const limit = account->ram_limit, used = account->ram_used;
	unsigned n = 0;
	while (ranges_alloc(&physical, PAGE, PAGE, &taken[n]))
		n++;
	for (unsigned i = 0; i < n; i += 2)
		ranges_add(&physical, taken[i], PAGE);
	for (unsigned i = 0; i < 70; i++) {
		dataspace_cap_t ds;
		account->ram_limit = used + PAGES * PAGE + i % 7 * PAGE;
		if (pd_ram_alloc(init_pd, PAGES * PAGE, 0, &ds) == ERROR_OK)
			freed(init_pd, ds);
		CHECK(account->ram_used == used);
	}
	account->ram_limit = limit;
	for (unsigned i = 1; i < n; i += 2)
		ranges_add(&physical, taken[i], PAGE);
	struct part const a = allocated(PAGES * PAGE);
	freed(init_pd, a.ds);
	balanced(&before);
}

/* -- contexts -- */

/** Memory lacks at any point of their creation; some have their page everywhere */
static void contexts(void)
{
	enum { N = 40 };
	struct books const before = start();
	struct account *const account = &root_pd()->session.account;
	uint64_t const utcbs = root_pd()->utcbs;
	uint32_t id;
	cpu_cap_t cpu;
	thread_cap_t thread[N];
	context_cap_t context;
	dataspace_cap_t page;
	CHECK(open_text("CPU", "", "", 16384, 8, &id, &cpu.cap) == ERROR_OK);
	for (unsigned i = 0; i < N; i++) {
		uint64_t const limit = account->ram_limit;
		enum error error = ERROR_NO_RAM;
		for (unsigned pages = 0; error; pages++) {
			account->ram_limit = account->ram_used + pages * PAGE;
			error = cpu_context_create(cpu, init_pd, "x", &thread[i],
			                           &context, &page);
			CHECK(!error || error == ERROR_NO_RAM);
			CHECK(root_pd()->utcbs == utcbs);
		}
		account->ram_limit = limit;
		for (unsigned k = 0; k < 30 && i % 8 == 0; k++)
			get(attached(page, RM_READ).at);
	}
	for (unsigned i = 0; i < N / 2; i++)
		CHECK(thread_kill(thread[i]) == ERROR_OK && fake_check());
	CHECK(parent_close(parent, id) == ERROR_OK);
	for (struct region *r; (r = regions_any(&root_pd()->map.regions));) {
		if (fake_mapped(root_pd()->pool.pd, r->base, NULL))
			break;
		CHECK(rm_detach(own, r->base) == ERROR_OK);
	}
	balanced(&before);
}

/* -- objects that die in steps -- */

static pd_cap_t     owner;
static object_cap_t dying[2];

static void destroy_another(void)
{
	struct pd_account account;
	CHECK(pd_account(owner, &account) == ERROR_OK);
	if (turns++)
		return;
	uint64_t const used = account.caps_used;
	CHECK(pd_object_destroy(owner, dying[1]) == ERROR_OK);
	CHECK(pd_account(owner, &account) == ERROR_OK);
	CHECK(account.caps_used == used - 2);
}

/** Success is told when it is gone, by whomever that was done */
static void dying_objects(void)
{
	struct books const before = start();
	uint32_t id, cpu_id;
	cpu_cap_t cpu;
	thread_cap_t thread;
	uint64_t utcb;
	struct pd_account full, now;
	CHECK(open_text("CPU", "", "", 16384, 8, &cpu_id, &cpu.cap) == ERROR_OK);
	CHECK(open_text("PD", "child", "", 1 << 20, 20, &id, &owner.cap)
	      == ERROR_OK);
	CHECK(cpu_thread_create(cpu, owner, "x", 0, 1, &thread, &utcb)
	      == ERROR_OK);
	CHECK(pd_account(owner, &full) == ERROR_OK);
	unsigned const objects = fake_objects();
	for (unsigned i = 0; i < 2; i++) {
		CHECK(pd_portal_create(owner, thread, i, &dying[i])
		      == ERROR_OK);
		fake_heavy(dying[i].cap, 60);
	}
	turns = 0;
	fake_between(destroy_another);
	CHECK(pd_object_destroy(owner, dying[0]) == ERROR_OK);
	fake_between(NULL);
	CHECK(turns && fake_objects() == objects);
	CHECK(pd_account(owner, &now) == ERROR_OK);
	CHECK(now.caps_used == full.caps_used);

	/* nobody goes on with it but the end of the domain */
	CHECK(pd_portal_create(owner, thread, 0, &dying[0]) == ERROR_OK);
	fake_heavy(dying[0].cap, 60);
	fake_stepwise(true);
	CHECK(pd_object_destroy(owner, dying[0]) == ERROR_AGAIN);
	fake_stepwise(false);
	CHECK(parent_close(parent, id) == ERROR_OK);
	CHECK(parent_close(parent, cpu_id) == ERROR_OK);
	balanced(&before);
}

/** A page that may be written is mapped at 'at' */
static bool writable(uint64_t at)
{
	unsigned flags;
	return fake_mapped(root_pd()->pool.pd, at & ~(PAGE - 1ul), &flags)
	    && flags & KERNEL_MAP_WRITE;
}

/** A write ends although memory is read everywhere between any two steps */
static void write_among_readers(void)
{
	enum { N = 60, ROUNDS = 4 };
	struct books const before = start();
	struct part const a = allocated(2 * PAGE);
	put(a.at, 1);
	struct part const b = cloned(a.ds);
	uint64_t at[N];
	for (unsigned i = 0; i < N; i++)
		at[i] = attached(b.ds, RM_READ).at;
	uint64_t const writes[] = { a.at, b.at, b.at + PAGE, a.at + PAGE };
	for (unsigned w = 0; w < array_length(writes); w++) {
		unsigned rounds = 0;
		for (; rounds < ROUNDS && !writable(writes[w]); rounds++) {
			for (unsigned i = 0; i < 2 * N; i++) {
				get(at[i % N]);
				get(at[i % N] + PAGE);
			}
			CHECK(fake_fault_once(init_thread()->kernel, 14,
			                      writes[w], WRITE));
		}
		CHECK(writable(writes[w]));
		put(writes[w], (char)(10 + w));
	}
	CHECK(get(at[N - 1]) == 11 && get(at[0] + PAGE) == 12);
	CHECK(get(a.at) == 10 && get(a.at + PAGE) == 13);
	freed(init_pd, a.ds);
	freed(init_pd, b.ds);
	balanced(&before);
}

/* -- managed dataspaces -- */

/** It closes in the middle of rm_resume: who came after that does not wait on */
static void closed_while_it_resumes(void)
{
	enum { N = 50 };
	struct books const before = start();
	uint32_t cpu_id, id;
	cpu_cap_t cpu;
	rm_cap_t rm;
	dataspace_cap_t ds;
	thread_cap_t thread[N];
	uint64_t utcb;
	CHECK(open_text("CPU", "", "", 16384, 8, &cpu_id, &cpu.cap) == ERROR_OK);
	CHECK(open_text("RM", "", "", 16384, 8, &id, &rm.cap) == ERROR_OK);
	signal_cap_t const handler = { fake_foreign() };
	CHECK(rm_fault_handler(rm, handler) == ERROR_OK);
	CHECK(rm_dataspace(rm, &ds) == ERROR_OK);
	struct part const part = attached(ds, RM_WRITE);

	unsigned const unparked = fake_unparked();
	for (unsigned i = 0; i < N; i++) {
		CHECK(cpu_thread_create(cpu, init_pd, "x", 0, 1, &thread[i],
		                        &utcb) == ERROR_OK);
		cap_t const kernel = thread_find(thread[i])->kernel;
		if (i == N - 1) {
			fake_stepwise(true);
			CHECK(rm_resume(rm) == ERROR_AGAIN);
			fake_stepwise(false);
		}
		CHECK(!fake_fault_once(kernel, 14, part.at, READ));
	}
	CHECK(fake_unparked() < unparked + N - 1);
	CHECK(parent_close(parent, id) == ERROR_OK);
	CHECK(fake_unparked() == unparked + N);
	for (unsigned i = 0; i < N; i++)
		CHECK(!list_linked(&thread_find(thread[i])->waiting));
	CHECK(rm_detach(own, part.at) == ERROR_OK);
	CHECK(parent_close(parent, cpu_id) == ERROR_OK);
	error_ignore(kernel_destroy(handler.cap), "it is there");
	balanced(&before);
}

static struct test_case const cases[] = {
	{ "memory: clones",                  clones },
	{ "memory: clones alike",            clones_alike },
	{ "memory: clones, any order",       clones_random },
	{ "memory: clones have paid",        clones_paid },
	{ "memory: clones refused",          clones_refused },
	{ "memory: seals",                   seals },
	{ "memory: views",                   views },
	{ "memory: physical addresses",      physical_addresses },
	{ "memory: refused accesses",        refused_accesses },
	{ "memory: kinds",                   kinds },
	{ "memory: large pages",             large_pages },
	{ "memory: many attachments",        many_attachments },
	{ "memory: much to close",           much_to_close },
	{ "memory: clone among readers",     clone_among_readers },
	{ "memory: abandoned clones",        abandoned },
	{ "memory: half of it",              half_of_it },
	{ "contexts",                        contexts },
	{ "objects that die in steps",       dying_objects },
	{ "memory: write in places",         write_in_places },
	{ "memory: write among readers",     write_among_readers },
	{ "memory: private pages",           private_pages },
	{ "memory: closed while it resumes", closed_while_it_resumes },
};

int main(void)
{
	return test_run(cases, array_length(cases));
}
