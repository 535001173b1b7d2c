/* SPDX-License-Identifier: MIT */
/** All of core on the fake kernel: sessions, accounts, memory, faults */

#include <base/hid.h>
#include <base/log.h>
#include <base/internal/start.h>
#include <core/kernel.h>
#include <rpc/cpu.h>
#include <rpc/dataspace.h>
#include <rpc/io_mem.h>
#include <rpc/io_port.h>
#include <rpc/irq.h>
#include <rpc/log.h>
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
#include "entrypoint.h"
#include "fake_kernel.h"
#include "log.h"
#include "memory/ring.h"
#include "pool.h"
#include "root.h"
#include "service/services.h"

/* -- cases -- */

static void init_runs(void)
{
	boot();
	struct pd *const pd = root_pd();
	unsigned flags;
	CHECK(pd->started && !list_empty(&pd->threads));
	CHECK(fake_mapped(pd->pool.pd, 0x200000, &flags)
	      == FAKE_BASE + FAKE_RAM - sizeof image + 4096 && flags == 2);
	uint64_t const data = fake_mapped(pd->pool.pd, 0x201000, &flags);
	CHECK(data && flags == 1);
	char const *const bytes = kernel_phys(data);
	CHECK(bytes[99] == 'd' && !bytes[100] && !bytes[8999]);
	CHECK(fake_mapped(pd->pool.pd, 0x3df000, &flags) && flags == 1);
	CHECK(!fake_mapped(pd->pool.pd, 0x3d0000, NULL));
	CHECK(fake_check());
}

static void parent_refuses(void)
{
	uint32_t id;
	cap_t cap;
	boot();
	struct books const before = books();
	CHECK(open_text("Nic", "", "", 100000, 10, &id, &cap) == ERROR_DENIED);
	CHECK(open_text("LOG", "", "", 100, 2, &id, &cap) == ERROR_DONATE_RAM);
	CHECK(open_text("LOG", "", "", 4096, 2, &id, &cap) == ERROR_DONATE_RAM);
	CHECK(open_text("LOG", "", "", 6144, 0, &id, &cap)
	      == ERROR_DONATE_CAPS);
	CHECK(open_text("LOG", "", "", ~0ul, 2, &id, &cap) == ERROR_NO_RAM);
	CHECK(open_text("LOG", "", "", 6144, 9999, &id, &cap) == ERROR_NO_CAPS);
	CHECK(open_text("LOG", "", "UPPER", 6144, 2, &id, &cap)
	      == ERROR_INVALID);
	CHECK(open_text("ROM", "absent", "", 6144, 3, &id, &cap)
	      == ERROR_NOT_FOUND);
	CHECK(open_text("ROM", "damaged", "", 6144, 3, &id, &cap)
	      == ERROR_CORRUPT);
	CHECK(parent_close(parent, 12345) == ERROR_NOT_FOUND);
	CHECK(parent_upgrade(parent, 12345, 1, 1) == ERROR_NOT_FOUND);
	balanced(&before);
	CHECK(books().ram == before.ram);
}

static void all_services(void)
{
	static struct { char const *name, *label, *text; } const s[] = {
		{ "LOG", "a", "" }, { "ROM", "a -> init", "" },
		{ "ROM", "core_log", "" }, { "RM", "", "rm | size: 64K" },
		{ "CPU", "a", "cpu | priority: 10" }, { "PD", "a", "" },
		{ "IO_MEM", "", "io_mem | base: 0xfed00000 | size: 1024" },
		{ "IO_PORT", "", "io_port | base: 0x70 | size: 2" },
		{ "IRQ", "", "irq | gsi: 4 | trigger: edge" },
		{ "IRQ", "", "irq | trigger: msi" },
	};
	boot();
	for (unsigned i = 0; i < array_length(s); i++) {
		struct books const before = books();
		uint32_t id;
		cap_t cap;
		CHECK(open_text(s[i].name, s[i].label, s[i].text, 49152, 6, &id,
		                &cap) == ERROR_OK);
		CHECK(books().ram == before.ram + 49152);
		CHECK(parent_upgrade(parent, id, 4096, 1) == ERROR_OK);
		CHECK(parent_close(parent, id) == ERROR_OK);
		balanced(&before);
		CHECK(books().ram == before.ram);
	}
}

/** Text at the end of the ring */
static bool logged(char const *text)
{
	struct ring const *const ring = kernel_phys(log_phys());
	size_t const length = strlen(text);
	return ring->head >= length
	    && !memcmp(ring->text + ring->head - length, text, length);
}

static void log_lines(void)
{
	uint32_t id;
	log_cap_t log;
	boot();
	CHECK(open_text("LOG", "foo -> bar", "", 6144, 2, &id, &log.cap)
	      == ERROR_OK);
	CHECK(log_write(log, "hello\n") == ERROR_OK);
	CHECK(logged("\n[init -> foo -> bar] hello\n"));
	uint32_t forger;
	cap_t other;
	CHECK(open_text("LOG", "x]\n[init", "", 6144, 2, &forger, &other)
	      == ERROR_OK);
	CHECK(log_write((log_cap_t) { other }, "hi\n") == ERROR_OK
	   && logged("\n[init -> x]?[init] hi\n"));
	CHECK(parent_close(parent, forger) == ERROR_OK);
	CHECK(log_write(log, "par") == ERROR_OK && logged("hi\n"));
	CHECK(log_write(log, "tial\x1b[1m\a\tx\n") == ERROR_OK);
	CHECK(logged("\n[init -> foo -> bar] partial?[1m?\tx\n"));
	/* C1 control characters, in one call and in two; others of UTF-8 stay */
	CHECK(log_write(log, "\xc2\x9b" "1m \xc2\x80\xc2\x9f\xc2") == ERROR_OK);
	CHECK(log_write(log, "\x90 \xc2\xa0\xc3\x80\xc2\n") == ERROR_OK);
	CHECK(logged("\n[init -> foo -> bar] ??1m ?????? \xc2\xa0\xc3\x80\xc2\n"));
	log_info("%s", "\xc2\x9b" "2J");
	CHECK(logged("\n??2J\n"));
	CHECK(open_text("LOG", "x\xc2\x85", "", 6144, 2, &forger, &other)
	      == ERROR_OK);
	CHECK(log_write((log_cap_t) { other }, "hi\n") == ERROR_OK
	   && logged("\n[init -> x??] hi\n"));
	CHECK(parent_close(parent, forger) == ERROR_OK);
	char many[LOG_TEXT];
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = 0;
	for (unsigned i = 0; i < 5; i++)
		CHECK(log_write(log, many) == ERROR_OK);
	CHECK(log_write(log, "end") == ERROR_OK);
	CHECK(parent_close(parent, id) == ERROR_OK && logged("xxxend\n"));
}

/** Allocate, attach, touch, detach, free: from init's point of view */
static void ram_and_faults(void)
{
	boot();
	struct pd *const pd = root_pd();
	cap_t const thread = init_thread()->kernel;
	rm_cap_t rm;
	dataspace_cap_t ds;
	uint64_t at, size;
	bool writable;
	CHECK(pd_address_space(init_pd, &rm) == ERROR_OK);
	struct books const before = books();

	CHECK(pd_ram_alloc(init_pd, 300000, 0, &ds) == ERROR_OK);
	CHECK(dataspace_info(ds, &size, &writable) == ERROR_OK
	   && size == 303104 && writable);
	CHECK(rm_attach(rm, ds, 0, 0, 0, RM_WRITE, &at) == ERROR_OK);
	CHECK(!fake_mapped(pd->pool.pd, at, NULL));
	for (uint64_t a = at; a < at + size; a += 4096) {
		if (fake_mapped(pd->pool.pd, a, NULL))
			continue;
		CHECK(fake_fault(thread, 14, a + 17, 6));
		unsigned flags;
		uint64_t const phys = fake_mapped(pd->pool.pd, a, &flags);
		CHECK(phys && flags == 1);
		char const *const page = kernel_phys(phys);
		for (unsigned i = 0; i < 4096; i++)
			CHECK(!page[i]);
	}
	for (uint64_t a = at; a < at + size; a += 4096)
		*(char *)kernel_phys(fake_mapped(pd->pool.pd, a, NULL)) = 1;
	CHECK(fake_check());

	CHECK(rm_detach(rm, at + 5) == ERROR_OK);
	CHECK(!fake_mapped(pd->pool.pd, at, NULL));
	CHECK(rm_detach(rm, at + 5) == ERROR_NOT_FOUND);
	CHECK(rm_attach(rm, ds, 0, 4096, 8192, 0, &at) == ERROR_OK);
	CHECK(fake_fault(thread, 14, at, 4));
	CHECK(*(char *)kernel_phys(fake_mapped(pd->pool.pd, at, NULL)) == 1);
	CHECK(pd_ram_free(init_pd, ds) == ERROR_OK);
	CHECK(!fake_mapped(pd->pool.pd, at, NULL));
	CHECK(rm_detach(rm, at) == ERROR_NOT_FOUND);
	CHECK(pd_ram_free(init_pd, ds) == ERROR_INVALID);
	balanced(&before);
}

static void attach_checks(void)
{
	boot();
	rm_cap_t rm;
	dataspace_cap_t ds, rom_ds;
	rom_cap_t rom;
	uint32_t id;
	uint64_t at, size;
	CHECK(pd_address_space(init_pd, &rm) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 8192, 0, &ds) == ERROR_OK);
	struct { uint64_t at, offset, size; uint32_t flags; enum error e; }
	const bad[] = {
		{ 0, 0, 0, RM_WRITE | RM_EXEC, ERROR_INVALID },
		{ 0, 0, 0, 8, ERROR_INVALID },
		{ 0, 1, 0, 0, ERROR_INVALID },
		{ 0, 0, 100, 0, ERROR_INVALID },
		{ 0, 8192, 0, 0, ERROR_INVALID },
		{ 0, 4096, 8192, 0, ERROR_INVALID },
		{ 0, 0, ~4095ul, 0, ERROR_INVALID },
		{ 0x1000, 0, 0, RM_FIXED, ERROR_CONFLICT },
		{ 0x1001, 0, 0, RM_FIXED, ERROR_INVALID },
		{ ~4095ul, 0, 0, RM_FIXED, ERROR_CONFLICT },
		{ 0xffff800000000000, 0, 0, RM_FIXED, ERROR_CONFLICT },
	};
	struct books const before = books();
	for (unsigned i = 0; i < array_length(bad); i++)
		CHECK(rm_attach(rm, ds, bad[i].at, bad[i].offset, bad[i].size,
		                bad[i].flags, &at) == bad[i].e);
	CHECK(rm_attach(rm, (dataspace_cap_t) { init_pd.cap }, 0, 0, 0, 0, &at)
	      == ERROR_INVALID);
	CHECK(rm_attach(rm, (dataspace_cap_t) { 4000 }, 0, 0, 0, 0, &at)
	      == ERROR_GONE);
	CHECK(books().ram == before.ram);

	CHECK(rm_attach(rm, ds, 0x500000, 0, 0, RM_FIXED, &at) == ERROR_OK
	   && at == 0x500000);
	CHECK(rm_attach(rm, ds, 0x501000, 0, 0, RM_FIXED, &at)
	      == ERROR_CONFLICT);
	CHECK(!fake_fault(init_thread()->kernel, 14, 0x500000, 6));
	CHECK(pd_ram_free(init_pd, ds) == ERROR_OK);

	CHECK(open_text("ROM", "init", "", 6144, 3, &id, &rom.cap) == ERROR_OK);
	CHECK(rom_dataspace(rom, &rom_ds, &size) == ERROR_OK && size == 4000);
	CHECK(rm_attach(rm, rom_ds, 0, 0, 0, RM_WRITE, &at) == ERROR_DENIED);
	CHECK(rm_attach(rm, rom_ds, 0, 0, 0, RM_EXEC, &at) == ERROR_OK);
	CHECK(fake_fault(init_thread()->kernel, 14, at, 20));
	CHECK(parent_close(parent, id) == ERROR_OK);
	/* decision 13: whoever used it reads zeros, writes a private page */
	CHECK(!fake_mapped(root_pd()->pool.pd, at, NULL));
	CHECK(fake_fault(init_thread()->kernel, 14, at, 4));
	char const *const zero =
		kernel_phys(fake_mapped(root_pd()->pool.pd, at, NULL));
	CHECK(!zero[0]);
	CHECK(rm_detach(rm, at) == ERROR_OK);
}

/** Memory in single pages only: a dataspace of many extents */
static void scattered(void)
{
	enum { N = 7000, SIZE = 3 << 20 };
	static uint64_t page[N];
	boot();
	cap_t const thread = init_thread()->kernel;
	unsigned n = 0;
	rm_cap_t rm;
	dataspace_cap_t ds;
	uint64_t at, rest, part;
	while (n < N && ranges_alloc(&physical, 4096, 4096, &page[n]))
		n++;
	part = ranges_alloc_part(&physical, ~0ul & ~4095ul, &rest);
	for (unsigned i = 0; i < n; i += 2)
		ranges_add(&physical, page[i], 4096);

	struct books const before = books();
	CHECK(pd_address_space(init_pd, &rm) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 8192, 4, &ds) == ERROR_NO_RAM);
	CHECK(pd_ram_alloc(init_pd, SIZE, 0, &ds) == ERROR_OK);
	CHECK(rm_attach(rm, ds, 0, 0, 0, RM_WRITE, &at) == ERROR_OK);
	for (unsigned i = 0; i < SIZE; i += 4096)
		CHECK(fake_fault(thread, 14, at + i, 6));
	for (unsigned i = 0; i < SIZE; i += 4096) {
		char *const p = kernel_phys(
			fake_mapped(root_pd()->pool.pd, at + i, NULL));
		CHECK(!p[0] && !p[4095]);
		p[0] = p[4095] = 1;
	}
	CHECK(fake_check());
	CHECK(pd_ram_free(init_pd, ds) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, 20 << 20, 0, &ds) == ERROR_NO_RAM);
	balanced(&before);
	for (unsigned i = 1; i < n; i += 2)
		ranges_add(&physical, page[i], 4096);
	if (part)
		ranges_add(&physical, rest, part);
}

static void account_exhausted(void)
{
	boot();
	dataspace_cap_t ds;
	struct pd_account a;
	CHECK(pd_account(init_pd, &a) == ERROR_OK);
	CHECK(pd_ram_alloc(init_pd, a.ram_limit, 0, &ds) == ERROR_NO_RAM);
	CHECK(pd_ram_alloc(init_pd, 0, 0, &ds) == ERROR_INVALID);
	CHECK(pd_ram_alloc(init_pd, ~0ul, 0, &ds) == ERROR_INVALID);
	CHECK(pd_ram_alloc(init_pd, 4096, 3, &ds) == ERROR_INVALID);
	CHECK(pd_ram_alloc(init_pd, 4096, 64, &ds) == ERROR_INVALID);

	static dataspace_cap_t all[1000];
	unsigned n = 0;
	struct books const before = books();
	enum error error = ERROR_OK;
	while (n < array_length(all) && !error)
		error = pd_ram_alloc(init_pd, 20480, 0, &all[n++]);
	CHECK(error == ERROR_NO_CAPS);
	for (unsigned i = 0; i + 1 < n; i++)
		CHECK(pd_ram_free(init_pd, all[i]) == ERROR_OK);
	balanced(&before);
	CHECK(books().ram == before.ram);
}

/* -- a child -- */

struct child { uint32_t pd_id, cpu_id; pd_cap_t pd; cpu_cap_t cpu; };

static void open_child(struct child *c, uint64_t ram)
{
	CHECK(open_text("PD", "child", "", 49152, 6, &c->pd_id, &c->pd.cap)
	      == ERROR_OK);
	CHECK(open_text("CPU", "child", "cpu | priority: 30", 16384, 4,
	                &c->cpu_id, &c->cpu.cap) == ERROR_OK);
	CHECK(pd_reference(c->pd, init_pd) == ERROR_OK);
	CHECK(pd_reference(c->pd, init_pd) == ERROR_CONFLICT);
	CHECK(pd_transfer(init_pd, c->pd, ram, 20) == ERROR_OK);
}

static void close_child(struct child const *c)
{
	CHECK(parent_close(parent, c->cpu_id) == ERROR_OK);
	CHECK(parent_close(parent, c->pd_id) == ERROR_OK);
}

static struct pd *pd_of(struct child const *c) { return pd_find(c->pd); }

static void child_life(void)
{
	boot();
	struct books const before = books();
	struct child c;
	open_child(&c, 200000);
	log_cap_t const log = { fake_foreign() };
	CHECK(pd_start(c.pd, c.cpu, (parent_cap_t) { log.cap }, log,
	               (rom_cap_t) { 0 }) == ERROR_OK);
	CHECK(pd_start(c.pd, c.cpu, (parent_cap_t) { 0 }, log,
	               (rom_cap_t) { 0 }) == ERROR_CONFLICT);
	struct thread *const t = container_of(
		list_first(&pd_of(&c)->threads), struct thread, by_pd);
	uint64_t const *const words = kernel_phys(t->utcb_phys);
	CHECK(words[0] == log.cap && words[1] == c.pd.cap && !words[4]);
	CHECK(words[5] == t->object.rpc.cap && words[8] == 2);

	rm_cap_t rm;
	dataspace_cap_t ds;
	uint64_t at;
	CHECK(pd_address_space(c.pd, &rm) == ERROR_OK);
	CHECK(pd_ram_alloc(c.pd, 65536, 0, &ds) == ERROR_OK);
	CHECK(rm_attach(rm, ds, 0, 0, 0, RM_WRITE, &at) == ERROR_OK);
	CHECK(fake_fault(t->kernel, 14, at + 4096, 6));

	/* the parent sees it, too, until the child dies */
	rm_cap_t own;
	uint64_t mine;
	CHECK(pd_address_space(init_pd, &own) == ERROR_OK);
	CHECK(rm_attach(own, ds, 0, 0, 0, RM_WRITE, &mine) == ERROR_OK);
	CHECK(fake_fault(init_thread()->kernel, 14, mine + 4096, 6));
	CHECK(fake_mapped(root_pd()->pool.pd, mine + 4096, NULL)
	      == fake_mapped(pd_of(&c)->pool.pd, at + 4096, NULL));

	signal_cap_t signal;
	object_cap_t portal;
	thread_cap_t const thread = { t->object.rpc.cap };
	CHECK(pd_signal_create(c.pd, thread, 7, &signal) == ERROR_OK);
	CHECK(pd_portal_create(c.pd, thread, 9, &portal) == ERROR_OK);
	CHECK(pd_portal_create(init_pd, thread, 9, &portal) == ERROR_INVALID);
	CHECK(pd_object_destroy(c.pd, (object_cap_t) { signal.cap })
	      == ERROR_OK);
	CHECK(pd_object_destroy(c.pd, (object_cap_t) { c.pd.cap })
	      == ERROR_INVALID);
	close_child(&c);

	CHECK(!fake_mapped(root_pd()->pool.pd, mine + 4096, NULL));
	CHECK(fake_fault(init_thread()->kernel, 14, mine + 4096, 4));
	CHECK(fake_fault(init_thread()->kernel, 14, mine + 4096, 7));
	CHECK(rm_detach(own, mine) == ERROR_OK);
	error_ignore(kernel_destroy(log.cap), "it is there");
	balanced(&before);
}

static void child_starves(void)
{
	boot();
	struct child c;
	struct books const before = books();
	open_child(&c, 0);
	log_cap_t const none = { 0 };
	dataspace_cap_t ds;
	CHECK(pd_ram_alloc(c.pd, 12288, 0, &ds) == ERROR_OK);
	CHECK(pd_start(c.pd, c.cpu, (parent_cap_t) { 0 }, none,
	               (rom_cap_t) { 0 }) == ERROR_NO_RAM);
	CHECK(pd_transfer(init_pd, c.pd, 40000, 0) == ERROR_OK);
	CHECK(pd_start(c.pd, c.cpu, (parent_cap_t) { 0 }, none,
	               (rom_cap_t) { 0 }) == ERROR_OK);
	struct thread *const t = container_of(
		list_first(&pd_of(&c)->threads), struct thread, by_pd);
	unsigned const unparked = fake_unparked();
	uint64_t page = LAYOUT_STACK_BASE + LAYOUT_STACK_SIZE - 8192;
	while (page > LAYOUT_STACK_BASE && fake_fault(t->kernel, 14, page, 6))
		page -= 4096;
	CHECK(page > LAYOUT_STACK_BASE && !list_empty(&pd_of(&c)->starving));
	CHECK(pd_transfer(init_pd, c.pd, 100000, 0) == ERROR_OK);
	CHECK(fake_unparked() == unparked + 1);
	CHECK(fake_fault(t->kernel, 14, page, 6));

	/* what the domain itself gives up is enough, too */
	struct account *const account = &pd_of(&c)->session.account;
	uint64_t const limit = account->ram_limit;
	thread_cap_t other;
	uint64_t utcb, at;
	rm_cap_t rm;
	CHECK(cpu_thread_create(c.cpu, c.pd, "x", 0, 1, &other, &utcb)
	      == ERROR_OK);
	CHECK(pd_address_space(c.pd, &rm) == ERROR_OK);
	CHECK(rm_attach(rm, ds, 0, 0, 0, 0, &at) == ERROR_OK);
	for (unsigned i = 0; i < 2; i++) {
		page -= 4096;
		account->ram_limit = account->ram_used;
		CHECK(!fake_fault(t->kernel, 14, page, 6));
		CHECK(fake_unparked() == unparked + 1 + i);
		CHECK((i ? rm_detach(rm, at) : thread_kill(other)) == ERROR_OK);
		CHECK(fake_unparked() == unparked + 2 + i);
		account->ram_limit = limit;
		CHECK(fake_fault(t->kernel, 14, page, 6));
	}

	/* the donation cannot be transferred away */
	struct pd_account a;
	CHECK(pd_account(c.pd, &a) == ERROR_OK && a.ram_limit == 189152);
	CHECK(pd_transfer(c.pd, init_pd, 140001, 0) == ERROR_NO_RAM);
	CHECK(pd_transfer(c.pd, init_pd, 10000, 0) == ERROR_OK);
	close_child(&c);
	balanced(&before);
}

static void faults_stop(void)
{
	boot();
	struct child c;
	struct books const before = books();
	open_child(&c, 100000);
	thread_cap_t cap;
	uint64_t utcb;
	CHECK(cpu_thread_create(c.cpu, c.pd, "worker", 0, 100, &cap, &utcb)
	      == ERROR_OK && utcb == LAYOUT_UTCB_BASE);
	CHECK(cpu_thread_create(c.cpu, c.pd, "worker", 2, 100, &cap, &utcb)
	      == ERROR_INVALID);
	CHECK(thread_start(cap, 0x1000, 0x2000, 3) == ERROR_OK);
	CHECK(thread_start(cap, 0x1000, 0x2000, 3) == ERROR_CONFLICT);
	signal_cap_t const handler = { fake_foreign() };
	CHECK(cpu_fault_handler(c.cpu, handler) == ERROR_OK);

	cap_t const t = thread_find(cap)->kernel;
	unsigned const submitted = fake_submitted();
	CHECK(!fake_fault(t, 0, 0, 0));
	CHECK(logged("Error: init -> child -> thread \"worker\": divide error "
	             "at 0x1234, stack 0x0\n"));
	CHECK(fake_submitted() == submitted + 1);
	struct cpu_fault f;
	char name[32];
	CHECK(cpu_fault(c.cpu, &f, name) == ERROR_OK && f.vector == 0
	   && f.ip == 0x1234 && string_equal(name, "worker"));
	CHECK(cpu_fault(c.cpu, &f, name) == ERROR_AGAIN);
	CHECK(!fake_fault(t, 14, 0x10, 6));
	CHECK(logged("page fault (write to 0x10) at 0x1234, stack 0x0\n"));
	CHECK(cpu_fault(c.cpu, &f, name) == ERROR_OK);
	CHECK(!fake_fault(t, 14, LAYOUT_STACK_BASE + 8, 6));
	CHECK(logged("stack overflow (write to 0x3d0008) at 0x1234, "
	             "stack 0x0\n"));
	CHECK(cpu_fault(c.cpu, &f, name) == ERROR_OK);
	CHECK(!fake_fault(t, 14, 0xdead0000, 20));
	CHECK(thread_kill(cap) == ERROR_OK);
	CHECK(cpu_fault(c.cpu, &f, name) == ERROR_AGAIN);
	for (unsigned i = 0; i < 3; i++)
		CHECK(cpu_thread_create(c.cpu, c.pd, "x", 1, 1, &cap, &utcb)
		      == ERROR_OK);
	CHECK(parent_close(parent, c.cpu_id) == ERROR_OK);
	CHECK(list_empty(&pd_of(&c)->threads));
	CHECK(parent_close(parent, c.pd_id) == ERROR_OK);
	error_ignore(kernel_destroy(handler.cap), "it is there");
	balanced(&before);
}

/* -- managed dataspaces -- */

static void managed(void)
{
	boot();
	struct books const before = books();
	cap_t const t = init_thread()->kernel;
	struct pd *const pd = root_pd();
	uint32_t id;
	rm_cap_t inner, own;
	dataspace_cap_t outer_ds, ds;
	uint64_t at, a;
	enum rm_access access;
	CHECK(open_text("RM", "", "rm | size: 64K", 16384, 4, &id, &inner.cap)
	      == ERROR_OK);
	CHECK(pd_address_space(init_pd, &own) == ERROR_OK);
	CHECK(rm_dataspace(own, &outer_ds) == ERROR_INVALID);
	CHECK(rm_dataspace(inner, &outer_ds) == ERROR_OK);
	CHECK(rm_attach(own, outer_ds, 0, 0, 0, RM_WRITE, &at) == ERROR_OK);

	/* no handler: stops; with one: waits */
	signal_cap_t const handler = { fake_foreign() };
	CHECK(rm_fault_handler(inner, handler) == ERROR_OK);
	unsigned const submitted = fake_submitted(), unparked = fake_unparked();
	CHECK(!fake_fault(t, 14, at + 0x5008, 6));
	CHECK(fake_submitted() == submitted + 1);
	CHECK(rm_fault(inner, &a, &access) == ERROR_OK && a == 0x5000
	   && access == RM_ACCESS_WRITE);
	CHECK(rm_fault(inner, &a, &access) == ERROR_AGAIN);
	CHECK(pd_ram_alloc(init_pd, 16384, 0, &ds) == ERROR_OK);
	CHECK(rm_attach(inner, ds, 0x4000, 0, 0, RM_WRITE | RM_FIXED, &a)
	      == ERROR_OK);
	CHECK(rm_resume(inner) == ERROR_OK && fake_unparked() == unparked + 1);
	CHECK(fake_fault(t, 14, at + 0x5008, 6));
	unsigned flags;
	CHECK(fake_mapped(pd->pool.pd, at + 0x5000, &flags) && flags == 1);
	CHECK(rm_detach(inner, 0x4000) == ERROR_OK);
	CHECK(!fake_mapped(pd->pool.pd, at + 0x5000, NULL));

	/* read-only inside is read-only outside */
	CHECK(rm_attach(inner, ds, 0x4000, 0, 0, RM_FIXED, &a) == ERROR_OK);
	CHECK(fake_fault(t, 14, at + 0x5008, 4));
	CHECK(fake_mapped(pd->pool.pd, at + 0x5000, &flags) && !flags);
	CHECK(pd_ram_free(init_pd, ds) == ERROR_OK);
	CHECK(!fake_mapped(pd->pool.pd, at + 0x5000, NULL));
	CHECK(fake_check());
	CHECK(parent_close(parent, id) == ERROR_OK);
	CHECK(rm_detach(own, at) == ERROR_OK);
	error_ignore(kernel_destroy(handler.cap), "it is there");
	balanced(&before);
}

static void nesting(void)
{
	enum { N = 10 };
	boot();
	struct books const before = books();
	uint32_t id[N];
	rm_cap_t rm[N];
	dataspace_cap_t ds[N];
	uint64_t at;
	for (unsigned i = 0; i < N; i++) {
		CHECK(open_text("RM", "", "rm | size: 64K", 16384, 4, &id[i],
		                &rm[i].cap) == ERROR_OK);
		CHECK(rm_dataspace(rm[i], &ds[i]) == ERROR_OK);
	}
	CHECK(rm_attach(rm[0], ds[0], 0, 0, 4096, RM_FIXED, &at) == ERROR_LIMIT);
	/* innermost last, so that each raises all around it */
	unsigned depth = 0;
	for (unsigned i = 1; i < N; i++) {
		enum error const error = rm_attach(rm[i - 1], ds[i], 0, 0, 0,
		                                   RM_FIXED, &at);
		if (!error)
			depth++;
		else
			CHECK(error == ERROR_LIMIT);
	}
	CHECK(depth == 8);
	CHECK(rm_attach(rm[1], ds[0], 0x8000, 0, 4096, RM_FIXED, &at)
	      == ERROR_CONFLICT);
	CHECK(rm_detach(rm[1], 0) == ERROR_OK);
	CHECK(rm_attach(rm[1], ds[0], 0x8000, 0, 4096, RM_FIXED, &at)
	      == ERROR_LIMIT);
	for (unsigned i = 0; i < N; i++)
		CHECK(parent_close(parent, id[(i * 7) % N]) == ERROR_OK);
	balanced(&before);
}

static void io_limits(void)
{
	boot();
	static struct { char const *service, *text; enum error e; } const s[] = {
		{ "IO_MEM", "io_mem | base: 0x200000 | size: 4096", ERROR_DENIED },
		{ "IO_MEM", "io_mem | base: 0xfee00000 | size: 4096", ERROR_DENIED },
		{ "IO_MEM", "io_mem | base: 0xfed00000", ERROR_INVALID },
		{ "IO_MEM", "io_mem | base: 0xffffffffffffffff | size: 2",
		  ERROR_DENIED },
		{ "IO_MEM", "io_mem | base: 0xfffffffff000 | size: 0xfffffffffffff",
		  ERROR_DENIED },
		{ "IO_PORT", "", ERROR_INVALID },
		{ "IO_PORT", "io_port | base: 0xffff | size: 2", ERROR_INVALID },
		{ "IRQ", "irq | gsi: 24", ERROR_INVALID },
		{ "RM", "rm | size: 100", ERROR_INVALID },
		{ "RM", "rm | size: 0", ERROR_INVALID },
	};
	struct books const before = books();
	uint32_t id, id2;
	cap_t cap;
	for (unsigned i = 0; i < array_length(s); i++)
		CHECK(open_text(s[i].service, "", s[i].text, 16384, 4, &id,
		                &cap) == s[i].e);
	CHECK(open_text("IO_PORT", "", "io_port | base: 8 | size: 8", 6144, 2,
	                &id, &cap) == ERROR_OK);
	CHECK(open_text("IO_PORT", "", "io_port | base: 15 | size: 8", 6144, 2,
	                &id2, &cap) == ERROR_DENIED);
	io_port_cap_t const io = { cap ? cap : 0 };
	(void)io;
	CHECK(parent_close(parent, id) == ERROR_OK);
	balanced(&before);
	CHECK(books().ram == before.ram);
}

/** A state that can be parsed, read by ROM */
static void state_report(void)
{
	boot();
	uint32_t id;
	rom_cap_t rom;
	dataspace_cap_t ds;
	uint64_t size, at;
	rm_cap_t own;
	struct hid nodes[32];
	struct hid_document d = { .nodes = nodes, .capacity = 32 };
	struct books const before = books();
	CHECK(open_text("ROM", "core_state", "", 6144, 3, &id, &rom.cap)
	      == ERROR_DONATE_RAM);
	CHECK(open_text("ROM", "core_state", "", 12288, 3, &id, &rom.cap)
	      == ERROR_OK);
	CHECK(rom_dataspace(rom, &ds, &size) == ERROR_OK && size > 100);
	CHECK(pd_address_space(init_pd, &own) == ERROR_OK);
	CHECK(rm_attach(own, ds, 0, 0, 0, 0, &at) == ERROR_OK);
	CHECK(fake_fault(init_thread()->kernel, 14, at, 4));
	char const *const text =
		kernel_phys(fake_mapped(root_pd()->pool.pd, at, NULL));
	CHECK(hid_parse(&d, text, size, NULL) == ERROR_OK);
	CHECK(hid_uint(hid_top(&d), "ram_total", 0) == root_ram_total());
	CHECK(rm_detach(own, at) == ERROR_OK);
	CHECK(parent_close(parent, id) == ERROR_OK);
	balanced(&before);
}

/** Any words at any object: no crash, and the books are right in the end */
static void random_messages(void)
{
	boot();
	struct child c;
	struct books const before = books();
	open_child(&c, 100000);
	cap_t const targets[] = { c.pd.cap, c.cpu.cap, parent.cap };
	uint64_t const tags[] = { PD_INTERFACE, CPU_INTERFACE, PARENT_INTERFACE,
	                          RM_INTERFACE };
	for (unsigned i = 0; i < 20000; i++) {
		struct rpc_message m = {
			.words = test_random(8), .caps = test_random(3),
			.tag = tags[test_random(4)] << 16 | test_random(20),
		};
		for (unsigned w = 0; w < m.words; w++)
			m.word[w] = test_random(3) ? test_random(1 << 20)
			          : (uint64_t)test_random(~0u) << test_random(40);
		for (unsigned n = 0; n < m.caps; n++)
			m.cap[n] = 1 + test_random(40);
		if (m.tag >> 16 == PARENT_INTERFACE && (m.tag & 0xff) == 3)
			continue;                      /* closes what we hold */
		error_ignore(rpc_call(targets[test_random(3)], &m, 4), "any");
	}
	CHECK(fake_check());
	close_child(&c);
	for (uint32_t id = 4; id < 20000; id++)
		error_ignore(parent_close(parent, id), "absent");
	CHECK(books().caps == before.caps);
}

static struct test_case const cases[] = {
	{ "core: init starts",               init_runs },
	{ "core: parent refuses",            parent_refuses },
	{ "core: sessions return all",       all_services },
	{ "core: log lines",                 log_lines },
	{ "core: RAM, attach, faults",       ram_and_faults },
	{ "core: scattered memory",          scattered },
	{ "core: attach checks",             attach_checks },
	{ "core: exhausted account",         account_exhausted },
	{ "core: child's life",              child_life },
	{ "core: child without RAM waits",   child_starves },
	{ "core: faults stop the culprit",   faults_stop },
	{ "core: managed dataspace",         managed },
	{ "core: nesting, cycles",           nesting },
	{ "core: devices refused",           io_limits },
	{ "core: state report",              state_report },
	{ "core: random messages",           random_messages },
};

int main(void)
{
	return test_run(cases, array_length(cases));
}
