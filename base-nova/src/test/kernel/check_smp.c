/* SPDX-License-Identifier: MIT */
/*
 * The same between CPUs, and under load: threads and domains die at any moment,
 * and the accounts must be right afterwards
 */

/* Local */
#include "lab.h"
#include "tests.h"

/* Tag of a reply that says why there is none */
enum { FAILED = 1000 };

enum { ROUNDS = 60, CPUS = 4 };

static uint32_t n_cpus;


static struct worker start(struct domain d, uint32_t cpu, uint32_t priority,
                           void (*run)(struct shared *), cap_t cap)
{
	struct worker const w = worker_new(d, &(struct worker_args) {
		.cpu = cpu, .priority = priority, .run = run });
	w.shared->cap[0] = cap ? delegate(d, cap) : 0;
	return w;
}


/* -- programs -- */

static void serve(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		if (sys_reply_wait(&m, reply, 2, &event))
			continue;
		s->value[event.count ? 1 : 0] += event.count ? event.count : 1;
		reply = event.count ? SYS_REPLY_NONE : SYS_REPLY;
	}
}


/** Serve by calling on */
static void forward(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		if (sys_reply_wait(&m, reply, 2, &event))
			continue;
		enum error const error = sys_call(s->cap[0], &m, 2);
		if (error) {
			m.tag = FAILED + error;
			m.words = m.caps = 0;
		}
		reply = SYS_REPLY;
		s->value[0]++;
	}
}


/** Call until it fails: value[0] error, value[1] calls, value[2] corrupt */
static void calls(struct shared *s)
{
	struct rpc_message m;
	enum error error;
	do {
		uint64_t const n = s->value[1] % (RPC_WORDS + 1);
		m.words = (uint32_t)n;
		m.caps  = n % 3 == 0;
		m.tag   = n;
		m.cap[0] = s->cap[0];
		for (uint64_t i = 0; i < n; i++)
			m.word[i] = i ^ s->value[1];
		error = sys_call(s->cap[0], &m, 2);
		if (!error && m.tag > FAILED)
			error = (enum error)(m.tag - FAILED);
		if (error)
			break;
		s->value[2] += m.words != n || m.tag != n;
		for (uint64_t i = 0; i < n && m.words == n; i++)
			s->value[2] += m.word[i] != (i ^ s->value[1]);
		if (m.caps)
			s->value[2] += m.cap[0] != s->cap[0]
			            || sys_cap_release(m.cap[0], 1);
		s->value[1]++;
	} while (!s->value[3] || s->value[1] < s->value[3]);
	s->value[0] = error;
}


static void submits(struct shared *s)
{
	for (uint64_t i = 0; i < s->value[3]; i++)
		s->value[0] |= sys_signal_submit(s->cap[0]);
}


static void spin(struct shared *s)
{
	for (;;)
		s->value[0]++;
}


static void wild(struct shared *s)
{
	*(uint64_t volatile *)0xdead000 = 1;
	s->value[1] = 1;
}


static void park_all(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		error_ignore(sys_reply_wait(&m, reply, 0, &event), "");
		reply = SYS_REPLY_PARK;
		s->value[0]++;
	}
}


/* -- one thing at a time -- */

static void check_calls(struct domain a, struct domain b)
{
	struct worker const server = start(b, 1, 10, serve, 0);
	cap_t const portal = portal_new(b, &server, 1);
	struct worker client[CPUS];
	worker_start(&server);
	for (uint32_t i = 0; i < n_cpus; i++) {
		client[i] = start(a, i, 20, calls, portal);
		client[i].shared->value[3] = 300;
		worker_start(&client[i]);
	}
	for (uint32_t i = 0; i < n_cpus; i++) {
		worker_wait(&client[i]);
		check(client[i].shared->value[0] == ERROR_OK
		   && client[i].shared->value[2] == 0, "calls from all CPUs");
		worker_destroy(&client[i]);
	}
	check(server.shared->value[0] == 300 * n_cpus, "as many were served");
	worker_destroy(&server);
	check(!kernel_destroy(portal), "destroy");
}


static void check_cycle(struct domain a)
{
	struct worker const x = start(a, 0, 10, forward, 0);
	struct worker const y = start(a, 1, 10, forward, 0);
	cap_t const to_x = portal_new(a, &x, 1), to_y = portal_new(a, &y, 2);
	x.shared->cap[0] = delegate(a, to_y);
	y.shared->cap[0] = delegate(a, to_x);
	worker_start(&x);
	worker_start(&y);
	struct rpc_message m = { .tag = 0 };
	check(!sys_call(to_x, &m, 0) && m.tag == FAILED + ERROR_DEPTH,
	      "a cycle over two CPUs");
	worker_destroy(&x);
	worker_destroy(&y);
	check(!kernel_destroy(to_x) && !kernel_destroy(to_y), "destroy");
}


static void check_signals(struct domain a, struct domain b)
{
	enum { COUNT = 5000 };
	struct worker const w = start(b, 1, 10, serve, 0);
	cap_t const signal = signal_new(b, &w, 1);
	struct worker s[CPUS];
	worker_start(&w);
	for (uint32_t i = 0; i < n_cpus; i++) {
		s[i] = start(a, i, 20, submits, signal);
		s[i].shared->value[3] = COUNT;
		worker_start(&s[i]);
	}
	for (uint32_t i = 0; i < n_cpus; i++) {
		worker_wait(&s[i]);
		check(!s[i].shared->value[0], "submits");
		worker_destroy(&s[i]);
	}
	check(reaches(&w.shared->value[1], COUNT * n_cpus), "no submit is lost");
	check(w.shared->value[1] == COUNT * n_cpus, "none counts twice");
	worker_destroy(&w);
	check(!kernel_destroy(signal), "destroy");
}


static void check_pause(struct domain a)
{
	struct worker const w = start(a, 1, 10, spin, 0);
	worker_start(&w);
	check(reaches(&w.shared->value[0], 1), "it begins");
	check(!kernel_thread_pause(w.thread), "pause");
	uint64_t const value = w.shared->value[0];
	nap(2000);
	check(value == w.shared->value[0], "it stands still");
	check(!kernel_thread_resume(w.thread), "resume");
	check(reaches(&w.shared->value[0], value + 1), "it runs");
	worker_destroy(&w);
	uint64_t const end = w.shared->value[0];
	nap(1000);
	check(end == w.shared->value[0], "it is dead");
}


static void check_faults(struct domain a, struct domain b)
{
	struct worker const pager = start(b, 1, 10, park_all, 0);
	cap_t const portal = portal_new(b, &pager, 1);
	worker_start(&pager);
	struct worker const w = worker_new(a, &(struct worker_args) {
		.cpu = 2, .priority = 10, .run = wild, .pager = portal });
	worker_start(&w);
	struct kernel_thread_state state;
	check(parks(&w, &state), "parked by another CPU's pager");
	check(!kernel_map(a.pd, 0xdead000, lab_frames(1), 4096, KERNEL_MAP_WRITE),
	      "map");
	check(!kernel_thread_unpark(w.thread), "unpark");
	worker_wait(&w);
	check(w.shared->value[1] == 1, "goes on");
	worker_destroy(&w);
	worker_destroy(&pager);
	check(!kernel_destroy(portal), "destroy");
	check(!kernel_unmap(a.pd, 0xdead000, 4096), "unmap");
}


/* -- everything at once -- */

static unsigned seed = 1;

static unsigned random(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % n;
}


/** A chain over all CPUs with callers everywhere; its links die one by one */
static void round(struct domain a, struct domain b)
{
	struct worker w[CPUS + 1], client[2 * CPUS];
	uint32_t const cpus = n_cpus;
	cap_t portal[CPUS + 1];
	w[0] = start(b, random(cpus), 10 + random(20), serve, 0);
	portal[0] = portal_new(b, &w[0], 1);
	for (uint32_t i = 1; i <= cpus; i++) {
		w[i] = start(i & 1 ? a : b, random(cpus), 10 + random(20),
		             forward, portal[i - 1]);
		portal[i] = portal_new(b, &w[i], i);
	}
	for (uint32_t i = 0; i < 2 * cpus; i++)
		client[i] = start(a, i % cpus, 10 + random(20), calls,
		                  portal[random(cpus + 1)]);
	for (uint32_t i = 0; i <= cpus; i++)
		worker_start(&w[i]);
	for (uint32_t i = 0; i < 2 * cpus; i++)
		worker_start(&client[i]);
	nap(random(400));

	for (uint32_t i = 0; i < cpus; i++)      /* some clients first */
		if (random(2))
			error_ignore(kernel_destroy(client[i].thread), "below");
	nap(random(100));
	uint32_t const first = random(cpus + 1);
	for (uint32_t i = 0; i <= cpus; i++) {
		uint32_t const n = (first + i) % (cpus + 1);
		check(!kernel_destroy(w[n].thread), "destroy a server");
		if (random(2))
			nap(random(50));
	}
	for (uint32_t i = 0; i < 2 * cpus; i++) {
		if (!sys_cap_probe(client[i].thread)) {
			worker_wait(&client[i]);
			check(client[i].shared->value[0] == ERROR_GONE
			   || client[i].shared->value[0] == ERROR_DEPTH,
			      "end of a caller");
		}
		check(!client[i].shared->value[2], "its messages");
		worker_destroy(&client[i]);
	}
	for (uint32_t i = 0; i <= cpus; i++)
		check(!kernel_destroy(portal[i]), "destroy a portal");
	for (uint32_t i = 0; i <= n_cpus; i++)
		worker_destroy(&w[i]);
}


static void check_stress(void)
{
	struct kernel_pd_info before, after;
	check(!kernel_pd_info(kernel_core_pd(), &before), "pd_info");
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct domain const a = domain_new(), b = domain_new();
		round(a, b);
		check(!kernel_destroy(a.pd), "destroy a domain");
		check(!kernel_destroy(b.pd), "destroy a domain");
	}
	check(!kernel_pd_info(kernel_core_pd(), &after), "pd_info");
	check(before.objects == after.objects && before.caps == after.caps,
	      "nothing is left");
}


/** Domains die with everything in them, while it runs */
static void check_domains(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct domain const a = domain_new(), b = domain_new();
		struct worker const s = start(b, random(n_cpus), 10, serve, 0);
		struct worker const f = start(a, random(n_cpus), 11, forward,
		                              portal_new(b, &s, 1));
		cap_t const portal = portal_new(a, &f, 1);
		worker_start(&s);
		worker_start(&f);
		for (uint32_t c = 0; c < n_cpus; c++) {
			struct worker const w = start(c & 1 ? a : b, c, 12, calls,
			                              portal);
			worker_start(&w);
		}
		nap(random(300));
		check(!kernel_destroy(random(2) ? a.pd : b.pd), "destroy a domain");
		error_ignore(kernel_destroy(a.pd), "one of them is left");
		error_ignore(kernel_destroy(b.pd), "one of them is left");
	}
}


void check_smp(void)
{
	n_cpus = kernel_boot_info()->n_cpus;
	if (n_cpus > CPUS)
		n_cpus = CPUS;
	struct domain const a = domain_new(), b = domain_new();
	check_calls(a, b);
	check_cycle(a);
	check_signals(a, b);
	check_pause(a);
	if (n_cpus > 2)
		check_faults(a, b);
	check(!kernel_destroy(a.pd) && !kernel_destroy(b.pd), "destroy");
	check_stress();
	check_domains();
}
