/* SPDX-License-Identifier: MIT */
/*
 * Objects and IPC on one CPU. The root task is client, or looks on
 */

/* Internal */
#include <base/internal/sys_raw.h>

/* Local */
#include "loops.h"
#include "tests.h"

static enum error call(cap_t portal, uint64_t word)
{
	struct rpc_message m = { .tag = 5, .words = 1, .word = { word } };
	return sys_call(portal, &m, 0);
}


static void pd_same(cap_t pd, struct kernel_pd_info const *before, char const *what)
{
	struct kernel_pd_info now;
	check(!kernel_pd_info(pd, &now), "pd_info");
	check(now.frames == before->frames && now.free == before->free
	   && now.caps == before->caps && now.objects == before->objects, what);
	if (now.free != before->free || now.caps != before->caps
	 || now.objects != before->objects)
		print("free %u → %u, caps %u → %u, objects %u → %u", before->free,
		      now.free, before->caps, now.caps, before->objects, now.objects);
}


/* -- servers -- */

/** Reply with the request: all its words and capabilities */
static void echo(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		if (sys_reply_wait(&m, reply, RPC_CAPS, &event)) {
			m.caps = 0;
			s->value[1]++;
			continue;
		}
		s->value[0]++;
		s->value[2] = event.label;
		s->value[3] = m.tag;
		reply = event.count ? SYS_REPLY_NONE : SYS_REPLY;
	}
}


static struct worker echo_new(struct domain d, uint32_t priority)
{
	struct worker const w = worker_new(d, &(struct worker_args) {
		.priority = priority, .run = echo });
	worker_start(&w);
	return w;
}


/* -- messages -- */

static void check_messages(struct domain d)
{
	struct worker const server = echo_new(d, 10);
	cap_t const portal = portal_new(d, &server, 0xabcd);
	struct rpc_message m = { .tag = 9, .words = RPC_WORDS };
	for (unsigned i = 0; i < RPC_WORDS; i++)
		m.word[i] = i * i + 7;

	check(!sys_call(portal, &m, 0), "call with 64 words");
	bool same = m.words == RPC_WORDS && m.caps == 0 && m.tag == 9;
	for (unsigned i = 0; i < RPC_WORDS; i++)
		same &= m.word[i] == i * i + 7;
	check(same, "64 words come back");
	check(server.shared->value[2] == 0xabcd, "label");
	check(server.shared->value[3] == 9, "tag");

	struct sys_raw raw = { .dx = SYS_CALL | 65 << ABI_WORDS_SHIFT,
	                       .di = portal };
	sys_raw(&raw);
	check(sys_raw_error(&raw) == ERROR_INVALID, "65 words");
	raw = (struct sys_raw) { .dx = SYS_CALL | 5 << ABI_CAPS_SHIFT,
	                         .di = portal };
	sys_raw(&raw);
	check(sys_raw_error(&raw) == ERROR_INVALID, "5 capabilities");
	raw = (struct sys_raw) { .dx = SYS_CALL | 5 << ABI_WINDOW_SHIFT,
	                         .di = portal };
	sys_raw(&raw);
	check(sys_raw_error(&raw) == ERROR_INVALID, "window of 5");
	raw = (struct sys_raw) { .dx = 255 };
	sys_raw(&raw);
	check(sys_raw_error(&raw) == ERROR_INVALID, "no such system call");

	check(call(0, 0) == ERROR_INVALID, "call name 0");
	check(call(portal ^ 1UL << 40, 0) == ERROR_GONE, "wrong generation");
	check(call(portal ^ 0x4000, 0) == ERROR_GONE, "unused index");
	check(call(0x100000000UL | 0xffffff, 0) == ERROR_GONE, "index too large");
	check(call(kernel_core_pd(), 0) == ERROR_INVALID, "call a domain");
	check(!kernel_destroy(portal), "destroy portal");
	check(call(portal, 0) == ERROR_GONE, "call a destroyed portal");
	worker_destroy(&server);
}


static void check_caps(struct domain d)
{
	struct worker const server = echo_new(d, 10);
	cap_t const portal = portal_new(d, &server, 1);
	cap_t const object = portal_new(d, &server, 2);
	struct kernel_pd_info before;
	check(!kernel_pd_info(d.pd, &before), "pd_info");

	struct rpc_message m = { .caps = 2, .cap = { object, 0 } };
	check(!sys_call(portal, &m, 4), "pass a capability");
	check(m.caps == 2 && m.cap[0] == object && m.cap[1] == 0,
	      "own object comes back under its own name");
	check(!sys_cap_release(object, 1), "release the reception");
	check(!sys_cap_probe(object), "creation counts, too");

	m = (struct rpc_message) { .caps = 1, .cap = { object } };
	check(sys_call(portal, &m, 0) == ERROR_GONE || !m.caps,
	      "reply into a closed window");
	check(server.shared->value[1] == 1, "server is told WINDOW");

	m = (struct rpc_message) { .caps = 1, .cap = { 0x123456789 } };
	check(sys_call(portal, &m, 0) == ERROR_INVALID, "pass what is none");

	struct kernel_pd_info after;
	check(!kernel_pd_info(d.pd, &after), "pd_info");
	check(after.caps == before.caps + 1, "one node for an object");

	check(sys_cap_release(object, 2) == ERROR_INVALID, "release too often");
	check(!kernel_destroy(object), "destroy");
	check(sys_cap_probe(object) == ERROR_GONE, "name is dead");
	check(!kernel_destroy(portal), "destroy");
	worker_destroy(&server);
}


/* -- chains -- */

/** Serve calls by calling cap[0]; value[0]: its error */
static void relay(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		error_ignore(sys_reply_wait(&m, reply, 0, &event), "");
		enum error const error = sys_call(s->cap[0], &m, 0);
		s->value[0] = error;
		if (error) {
			m.tag = error;
			m.words = m.caps = 0;
		}
		reply = SYS_REPLY;
	}
}


static void check_depth(struct domain d)
{
	enum { N = 20 };
	struct worker w[N];
	cap_t portal[N];
	for (unsigned i = 0; i < N; i++) {
		w[i] = worker_new(d, &(struct worker_args) {
			.priority = 10, .run = relay });
		portal[i] = portal_new(d, &w[i], i);
		worker_start(&w[i]);
	}
	for (unsigned i = 0; i + 1 < N; i++)
		w[i].shared->cap[0] = delegate(d, portal[i + 1]);
	w[N - 1].shared->cap[0] = delegate(d, portal[N - 1]);

	struct rpc_message m = { .tag = 0 };
	check(!sys_call(portal[0], &m, 0), "call a chain of 20");
	check(m.tag == ERROR_DEPTH, "it ends");
	check(w[14].shared->value[0] == ERROR_OK
	   || w[15].shared->value[0] == ERROR_DEPTH, "at the 17th level");

	check(!sys_call(portal[N - 1], &m, 0), "call to who calls itself");
	check(m.tag == ERROR_DEPTH, "a cycle of one");
	w[1].shared->cap[0] = delegate(d, portal[0]);
	check(!sys_call(portal[0], &m, 0), "A calls B calls A");
	check(m.tag == ERROR_DEPTH, "a cycle of two");
	for (unsigned i = 0; i < N; i++)
		worker_destroy(&w[i]);
	check(call(portal[3], 0) == ERROR_GONE, "portal of a dead thread");
}


/* -- death in the middle -- */

/** Call cap[0] value[1] times; value[0] = last error, value[2] = calls done */
static void caller(struct shared *s)
{
	for (uint64_t i = 0; i < s->value[1]; i++) {
		s->value[0] = call(s->cap[0], i);
		s->value[2]++;
	}
}


/** Take a call; wait for the signal cap[1] (own) before each reply */
static void slow(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	uint64_t early = 0;     /* signals that came while no call was served */
	for (;;) {
		uint64_t count;
		error_ignore(sys_reply_wait(&m, reply, 0, &event), "");
		if (event.count) {
			early += event.count;
			reply = SYS_REPLY_NONE;
			continue;
		}
		s->value[0]++;
		if (early)
			early--;
		else
			s->value[1] = sys_signal_wait(s->cap[1], &count);
		s->value[2]++;
		reply = SYS_REPLY;
	}
}


struct pair { struct worker server, client; cap_t portal, go; };

static struct pair pair_new(struct domain a, struct domain b, uint64_t calls)
{
	struct pair p;
	p.server = worker_new(b, &(struct worker_args) { .priority = 10, .run = slow });
	p.client = worker_new(a, &(struct worker_args) { .priority = 20, .run = caller });
	p.portal = portal_new(b, &p.server, 1);
	p.go     = signal_new(b, &p.server, 2);
	p.server.shared->cap[1] = delegate(b, p.go);
	p.client.shared->cap[0] = delegate(a, p.portal);
	p.client.shared->value[1] = calls;
	worker_start(&p.server);
	worker_start(&p.client);
	return p;
}


static void check_death(struct domain a, struct domain b)
{
	struct pair p = pair_new(a, b, 3);
	check(reaches(&p.server.shared->value[0], 1), "server has the call");
	worker_destroy(&p.server);
	worker_wait(&p.client);
	check(p.client.shared->value[0] == ERROR_GONE, "caller learns of it");
	worker_destroy(&p.client);
	check(!kernel_destroy(p.portal), "destroy");
	check(!kernel_destroy(p.go), "destroy");

	p = pair_new(a, b, 3);
	check(reaches(&p.server.shared->value[0], 1), "server has the call");
	worker_destroy(&p.client);
	check(!sys_signal_submit(p.go), "submit");
	check(reaches(&p.server.shared->value[2], 1), "server goes on");
	check(!sys_signal_submit(p.go), "submit");
	check(!call(p.portal, 1), "server serves others");
	check(!kernel_destroy(p.go), "destroy the signal");
	check(sys_signal_submit(p.go) == ERROR_GONE, "submit a dead signal");
	worker_destroy(&p.server);
	check(!kernel_destroy(p.portal), "destroy");

	/* a caller waits for a portal that dies */
	p = pair_new(a, b, 1);
	struct worker const second = worker_new(a, &(struct worker_args) {
		.priority = 20, .run = caller });
	cap_t const portal = portal_new(b, &p.server, 5);
	second.shared->cap[0]   = delegate(a, portal);
	second.shared->value[1] = 1;
	worker_start(&second);
	nap(1000);
	check(!kernel_destroy(portal), "destroy a portal with a waiting caller");
	worker_wait(&second);
	check(second.shared->value[0] == ERROR_GONE, "it gets GONE");
	check(!sys_signal_submit(p.go), "submit");
	worker_wait(&p.client);
	check(p.client.shared->value[0] == ERROR_OK, "the served one its reply");
	worker_destroy(&second);
	worker_destroy(&p.client);
	worker_destroy(&p.server);
	check(!kernel_destroy(p.portal), "destroy");
	check(!kernel_destroy(p.go), "destroy");
}


/* -- helping -- */

/** Serve by spinning until value[1] is set by whoever runs besides */
static void busy(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		error_ignore(sys_reply_wait(&m, reply, 0, &event), "");
		s->value[0]++;
		for (uint64_t volatile i = 0; i < s->value[1]; i++) ;
		reply = SYS_REPLY;
	}
}


/** Middle priority: would keep a low one from running */
static void hog(struct shared *s)
{
	while (!s->value[0])
		__asm__ volatile ("pause");
}


static void check_helping(struct domain a, struct domain b)
{
	struct worker const server = worker_new(b, &(struct worker_args) {
		.priority = 1, .run = busy });
	struct worker const client = worker_new(a, &(struct worker_args) {
		.priority = 2, .run = caller });
	struct worker const middle = worker_new(a, &(struct worker_args) {
		.priority = 50, .run = hog });
	cap_t const portal = portal_new(b, &server, 1);
	server.shared->value[1] = 3000000;
	client.shared->cap[0]   = delegate(a, portal);
	client.shared->value[1] = 1;
	worker_start(&server);
	worker_start(&client);
	check(reaches(&server.shared->value[0], 1), "server is busy");
	worker_start(&middle);
	nap(1000);
	check(client.shared->value[2] == 0, "and does not run");
	server.shared->value[1] = 0;
	check(!call(portal, 1), "a more urgent caller helps it");
	check(server.shared->value[0] == 2, "both were served");
	check(client.shared->value[2] == 0, "the first caller does not run");
	middle.shared->value[0] = 1;
	worker_wait(&middle);
	worker_wait(&client);
	check(client.shared->value[0] == ERROR_OK, "it has its reply");
	worker_destroy(&server);
	worker_destroy(&client);
	worker_destroy(&middle);
	check(!kernel_destroy(portal), "destroy");
}


/* -- signals, pause -- */

static void count_signals(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		error_ignore(sys_reply_wait(&m, reply, 0, &event), "");
		s->value[event.label & 15] += event.count ? event.count : 1;
		reply = event.count ? SYS_REPLY_NONE : SYS_REPLY;
		m.words = m.caps = 0;
	}
}


static void check_signals(struct domain a)
{
	struct worker const w = worker_new(a, &(struct worker_args) {
		.priority = 10, .run = count_signals });
	cap_t const one = signal_new(a, &w, 1), two = signal_new(a, &w, 2);
	cap_t const portal = portal_new(a, &w, 3);
	for (unsigned i = 0; i < 5; i++)
		check(!sys_signal_submit(one), "submit");
	check(!sys_signal_submit(two), "submit");
	check(sys_signal_timeout(two, 0) == ERROR_INVALID,
	      "timeout for another domain");
	worker_start(&w);
	check(!call(portal, 0), "call among signals");
	check(reaches(&w.shared->value[1], 5)
	   && reaches(&w.shared->value[2], 1), "signals");
	check(w.shared->value[1] == 5 && w.shared->value[2] == 1
	   && w.shared->value[3] == 1, "nothing is lost");

	check(!kernel_thread_pause(w.thread), "pause");
	check(!sys_signal_submit(one), "submit");
	nap(1000);
	check(w.shared->value[1] == 5, "it is paused");
	check(!kernel_thread_resume(w.thread), "resume");
	check(reaches(&w.shared->value[1], 6), "and resumed");
	uint64_t time = 0;
	check(!kernel_thread_time(w.thread, &time) && time > 100
	   && time < kernel_boot_info()->tsc_hz, "its time");
	check(!kernel_thread_schedule(w.thread, 0, 90, 1), "priority and group");
	check(kernel_thread_schedule(w.thread, 0, 128, 0) == ERROR_INVALID
	   && kernel_thread_schedule(w.thread, 0, 90, KERNEL_CPU_GROUPS)
	      == ERROR_INVALID
	   && kernel_thread_schedule(w.thread, 1 << 20, 90, 0) == ERROR_INVALID,
	      "too high");
	check(!kernel_thread_schedule(w.thread, 0, 10, 0), "back");
	worker_destroy(&w);
	check(sys_signal_submit(one) == ERROR_GONE, "signal of a dead thread");
	check(!kernel_destroy(one) && !kernel_destroy(two)
	   && !kernel_destroy(portal), "destroy");
}


/* -- faults -- */

static void wild(struct shared *s)
{
	s->value[0] = *(uint64_t volatile *)0xdead000;
	s->value[1] = 1;
}


/** Pager: park the first fault */
static void parker(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	error_ignore(sys_reply_wait(&m, SYS_REPLY_NONE, 0, &event), "");
	s->value[0] = m.tag;
	s->value[1] = m.word[FAULT_ADDRESS];
	s->value[2] = event.label;
	error_ignore(sys_reply_wait(&m, SYS_REPLY_PARK, 0, &event), "");
}


static void check_faults(struct domain a, struct domain b)
{
	struct worker const pager = worker_new(b, &(struct worker_args) {
		.priority = 10, .run = parker });
	cap_t const portal = portal_new(b, &pager, 1);
	struct worker const w = worker_new(a, &(struct worker_args) {
		.priority = 10, .run = wild, .pager = portal, .fault_label = 99 });
	worker_start(&pager);
	worker_start(&w);
	check(reaches(&pager.shared->value[2], 99), "fault arrives");
	check(pager.shared->value[0] == 14 && pager.shared->value[1] == 0xdead000
	   && pager.shared->value[2] == 99, "fault message");

	struct kernel_thread_state state;
	check(parks(&w, &state) && state.trap == 15
	   && state.fault_address == 0xdead000, "parked");
	check(!kernel_map(a.pd, 0xdead000, lab_frames(1), 4096, 0), "map");
	check(!kernel_thread_unpark(w.thread), "unpark");
	worker_wait(&w);
	check(w.shared->value[1] == 1, "goes on");
	check(!kernel_unmap(a.pd, 0xdead000, 4096), "unmap");
	worker_destroy(&w);
	worker_destroy(&pager);
	check(!kernel_destroy(portal), "destroy");
}


/* -- FPU -- */

/** Keep value[0] in a register that is not the kernel's business */
static void fpu(struct shared *s)
{
	uint64_t wrong = 0, out;
	__asm__ volatile ("movq %0, %%xmm3" :: "r" (s->value[0]));
	for (unsigned i = 0; i < 1000; i++) {
		sys_yield();
		__asm__ volatile ("movq %%xmm3, %0" : "=r" (out));
		wrong += out != s->value[0];
	}
	s->value[1] = wrong;
}


static void check_fpu(struct domain a, struct domain b)
{
	struct worker w[3];
	for (unsigned i = 0; i < 3; i++) {
		w[i] = worker_new(i & 1 ? a : b, &(struct worker_args) {
			.priority = 10, .run = fpu });
		w[i].shared->value[0] = 0x1234567 * (i + 1UL);
		w[i].shared->value[1] = 1;
		worker_start(&w[i]);
	}
	for (unsigned i = 0; i < 3; i++) {
		worker_wait(&w[i]);
		check(!w[i].shared->value[1], "FPU state");
		worker_destroy(&w[i]);
	}
}


/* -- accounts -- */

static void check_accounts(void)
{
	struct kernel_pd_info core, info;
	check(!kernel_pd_info(kernel_core_pd(), &core), "pd_info");

	cap_t pd;
	uint64_t const phys = lab_frames(8);
	check(kernel_pd_create(phys, 3, &pd) == ERROR_INVALID, "too few frames");
	check(kernel_pd_create(phys + 1, 8, &pd) == ERROR_INVALID, "unaligned");
	check(!kernel_pd_create(phys, 4, &pd), "domain of four frames");
	check(!kernel_pd_info(pd, &info) && info.frames == 4, "info");

	struct kernel_thread_args args = {
		.ip = 0x1000, .utcb = 0x1000, .utcb_phys = phys };
	cap_t thread, portal = 0, name = 0;
	enum error error = ERROR_OK;
	while (!error)
		error = kernel_portal_create(pd, kernel_core_thread(), 0, &portal);
	check(error == ERROR_KERNEL_RAM && kernel_missing() == 1, "exhausted");
	struct kernel_pd_info full;
	check(!kernel_pd_info(pd, &full), "pd_info");
	check(kernel_thread_create(pd, &args, &thread) == ERROR_KERNEL_RAM,
	      "no memory for a thread");
	check(kernel_delegate(pd, portal, &name) == ERROR_KERNEL_RAM,
	      "no memory for a name");
	check(kernel_map(pd, 0x1000, phys, 4096, 0) == ERROR_KERNEL_RAM
	   && kernel_missing() == 3, "no memory for tables");
	pd_same(pd, &full, "failed operations have no effect");

	check(!kernel_pd_donate(pd, phys + 4 * 4096, 4), "donate");
	args.ip = 1UL << 47;
	check(kernel_thread_create(pd, &args, &thread) == ERROR_INVALID, "bad IP");
	args.ip = 0x1000, args.cpu = 64;
	check(kernel_thread_create(pd, &args, &thread) == ERROR_INVALID, "bad CPU");
	args.cpu = 0;
	check(!kernel_thread_create(pd, &args, &thread), "thread");
	check(!kernel_delegate(pd, thread, &name), "delegate");
	uint64_t rest = 0;
	check(kernel_destroy_owned_step(pd, thread, &rest) == ERROR_INVALID,
	      "owned: no thread");
	do error = kernel_destroy_owned_step(pd, portal, &rest);
	while (error == ERROR_AGAIN);
	check(!error, "owned: portal");
	check(kernel_destroy(kernel_core_pd()) == ERROR_INVALID, "core's domain");
	check(kernel_destroy(kernel_core_thread()) == ERROR_INVALID, "itself");

	check(!kernel_destroy(pd), "destroy the domain");
	check(sys_cap_probe(thread) == ERROR_GONE, "with its objects");
	pd_same(kernel_core_pd(), &core, "core's account is as before");
}


/* -- no right -- */

static void powerless(struct shared *s)
{
	uint64_t bad = 0;
	for (unsigned n = SYS_PD_CREATE; n < 256; n++) {
		struct sys_raw r = { .dx = n, .di = s->cap[0], .si = s->cap[1],
		                     .ax = 4096, .r8 = 4096 };
		sys_raw(&r);
		bad += sys_raw_error(&r) != ERROR_INVALID;
	}
	for (unsigned n = SYS_SIGNAL_SUBMIT; n <= SYS_CAP_PROBE; n++) {
		struct sys_raw r = { .dx = n, .di = ~0UL - n, .si = 1 };
		sys_raw(&r);
		bad += sys_raw_error(&r) == ERROR_OK;
	}
	bad += sys_tls((void *)0x7ffffffff000UL) != ERROR_INVALID;
	bad += sys_tls((void *)0xffff800000000000UL) != ERROR_INVALID;
	s->value[0] = bad;
	s->value[1] = 1;
}


static void check_rights(struct domain a)
{
	struct worker const w = worker_new(a, &(struct worker_args) {
		.priority = 10, .run = powerless });
	w.shared->cap[0] = delegate(a, a.pd);
	w.shared->cap[1] = delegate(a, w.thread);
	worker_start(&w);
	worker_wait(&w);
	check(w.shared->value[1] && !w.shared->value[0],
	      "no privilege without CONTROL");
	worker_destroy(&w);
}


void check_all(void)
{
	struct kernel_pd_info before;
	nap(1);
	check(!kernel_pd_info(kernel_core_pd(), &before), "pd_info");
	struct domain const a = domain_new(), b = domain_new();
	check_accounts();
	check_messages(a);
	check_caps(a);
	check_depth(a);
	check_death(a, b);
	check_helping(a, b);
	check_signals(a);
	check_faults(a, b);
	check_fpu(a, b);
	check_rights(a);
	check(!kernel_destroy(a.pd), "destroy a domain");
	check(!kernel_destroy(b.pd), "destroy a domain");
	struct kernel_pd_info after;
	check(!kernel_pd_info(kernel_core_pd(), &after), "pd_info");
	check(after.caps == before.caps && after.objects == before.objects,
	      "nothing is left");
}
