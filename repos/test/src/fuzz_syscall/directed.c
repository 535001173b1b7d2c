/* SPDX-License-Identifier: MIT */
/*
 * Each answer on purpose, on each CPU
 *
 * A prober goes through lists of attempts, with a partner that waits for its call
 * or calls it. Neither receives capabilities, so that the kernel has reserved no
 * names for them when none, or no memory for more, is left. The component's first
 * thread brings that about: it creates portals until it cannot take the next one.
 */

#include <base/heap.h>
#include <base/log.h>
#include <base/signal.h>
#include <rpc/pd.h>
#include <session/rm.h>
#include <util/container_of.h>
#include "fuzz.h"

enum { PAGE = 4096, GO = 2, NAMES_MAX = 32768 };

enum subject { NOTHING, DEAD, ECHO, FAR, OWN_PORTAL, PARTNER, OWN_SIGNAL, TIMED,
               ITS_SIGNAL, GIVEN, BASE, BEYOND };
enum first { AT_ONCE, SUBMIT, ASK_PARTNER };

struct attempt {
	enum abi_syscall call;
	enum error       wanted;
	enum subject     subject;    /* first argument */
	enum first       first;
	uint64_t         counts;     /* of the message: bits of RDX */
	uint64_t         second;     /* argument */
};

struct prober {
	struct worker     self, partner;
	cap_t             echo, far, given;
	uint8_t volatile *hole;            /* nothing is attached there */
	uint32_t volatile allowed, done;   /* lists */
	uint32_t          wrong;
	struct attempt    last_wrong;
	uint64_t          instead;         /* RDX that it gave */
};

static struct prober probers[MAX_CPUS];
static uint32_t      n_probers, parked;
static signal_cap_t  told;           /* a prober is done, or waits for memory */
static object_cap_t  taken[NAMES_MAX];
static uint32_t      n_taken;

#define WINDOW(n) ((uint64_t)(n) << ABI_WINDOW_SHIFT)
#define WORDS(n)  ((uint64_t)(n) << ABI_WORDS_SHIFT)
#define CAPS(n)   ((uint64_t)(n) << ABI_CAPS_SHIFT)

#define TRY(call_, error, ...) \
	{ .call = SYS_##call_, .wanted = ERROR_##error, __VA_ARGS__ }

static struct attempt const with_room[] = {
	TRY(CALL, OK, .subject = ECHO),
	TRY(CALL, OK, .subject = FAR),
	TRY(CALL, GONE, .subject = DEAD),
	TRY(CALL, INVALID, .subject = OWN_SIGNAL),
	TRY(CALL, INVALID, .subject = ECHO, .counts = WORDS(65)),
	TRY(CALL, INVALID, .subject = ECHO, .counts = CAPS(5)),
	TRY(CALL, DEPTH, .subject = OWN_PORTAL),
	TRY(CALL, WINDOW, .subject = PARTNER, .counts = CAPS(1)),

	TRY(REPLY_WAIT, OK, .first = SUBMIT),
	TRY(REPLY_WAIT, INVALID, .counts = WORDS(65)),
	TRY(WAIT, OK, .first = SUBMIT),
	TRY(WAIT, INVALID, .counts = WINDOW(5)),
	TRY(PARK_WAIT, INVALID),

	/* the partner calls and takes no capability */
	TRY(WAIT, OK, .first = ASK_PARTNER),
	TRY(PARK_WAIT, INVALID),
	TRY(REPLY_WAIT, WINDOW, .counts = CAPS(1)),
	TRY(REPLY_WAIT, OK, .first = SUBMIT),

	TRY(YIELD, OK),
	TRY(SIGNAL_SUBMIT, OK, .subject = OWN_SIGNAL),
	TRY(SIGNAL_SUBMIT, GONE, .subject = DEAD),
	TRY(SIGNAL_SUBMIT, INVALID, .subject = OWN_PORTAL),
	TRY(SIGNAL_WAIT, OK, .subject = OWN_SIGNAL),
	TRY(SIGNAL_WAIT, GONE, .subject = DEAD),
	TRY(SIGNAL_WAIT, INVALID, .subject = ITS_SIGNAL),
	TRY(SIGNAL_TIMEOUT, OK, .subject = TIMED),         /* at 0: it is over */
	TRY(SIGNAL_WAIT, OK, .subject = TIMED),
	TRY(SIGNAL_TIMEOUT, GONE, .subject = DEAD),
	TRY(SIGNAL_TIMEOUT, INVALID, .subject = OWN_PORTAL),
	TRY(CAP_PROBE, OK, .subject = GIVEN),
	TRY(CAP_RELEASE, INVALID, .subject = GIVEN, .second = 2),
	TRY(CAP_RELEASE, OK, .subject = GIVEN, .second = 1),
	TRY(CAP_RELEASE, GONE, .subject = GIVEN, .second = 1),
	TRY(CAP_PROBE, GONE, .subject = GIVEN),
	TRY(TLS, INVALID, .subject = BEYOND),
	TRY(TLS, OK, .subject = BASE),
	TRY(THREAD_CLOCK, OK),
};

/* -- a prober and its partner -- */

static cap_t subject(struct prober const *p, enum subject subject)
{
	switch (subject) {
	case NOTHING:    return 0;
	case DEAD:       return 1ul << 48 | 7;
	case ECHO:       return p->echo;
	case FAR:        return p->far;
	case OWN_PORTAL: return p->self.portal[0];
	case PARTNER:    return p->partner.portal[0];
	case OWN_SIGNAL: return p->self.signal[0];
	case TIMED:      return p->self.signal[1];
	case ITS_SIGNAL: return p->partner.signal[0];
	case GIVEN:      return p->given;
	case BEYOND:     return 1ul << 47;
	case BASE: {
		uint64_t base;
		__asm__ ("mov %%fs:0, %0" : "=r"(base));
		return base;
	}
	}
	return 0;
}

static void submit(cap_t signal)
{
	raw_simple(SYS_SIGNAL_SUBMIT, signal, 0);
}

static void try(struct prober *p, struct attempt const *a)
{
	struct utcb *const utcb = raw_utcb();
	if (a->first == SUBMIT)
		submit(p->self.signal[0]);
	if (a->first == ASK_PARTNER)
		submit(p->partner.signal[0]);
	utcb->message.cap[0] = p->self.portal[0];

	struct fuzz_call const before = {
		.dx = a->call | a->counts, .flags = 0x202,
		.di = subject(p, a->subject), .si = a->second };
	struct fuzz_call after = before;
	fuzz_call(&after);
	worker_note(&p->self, utcb, &before, &after);
	if (fuzz_error(&after) != a->wanted) {
		p->wrong++;
		p->last_wrong = *a;
		p->instead    = after.dx;
	}
}

/** Nothing that is core's, or does not exist; memory that somebody provides */
static void try_other(struct prober *p)
{
	for (unsigned n = SYS_PD_CREATE; n < 256; n++)
		try(p, &(struct attempt) { .call = n, .wanted = ERROR_INVALID });
	if (*p->hole)
		p->wrong++;
}

/** What would need names, and finds that there are none, or no memory for them */
static void try_windows(struct prober *p, enum error wanted)
{
	static enum abi_syscall const calls[] = { SYS_CALL, SYS_REPLY_WAIT, SYS_WAIT,
		SYS_PARK_WAIT };
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		try(p, &(struct attempt) { .call = calls[i], .wanted = wanted,
			.subject = ECHO, .counts = WINDOW(RPC_CAPS) });
}

static void prober_run(struct thread *thread)
{
	struct prober *const p = container_of(thread, struct prober, self.thread);
	while (!p->self.signal[GO])     /* it is created after the thread */
		raw_simple(SYS_YIELD, 0, 0);
	for (uint32_t list = 0; list < 3; list++) {
		while (p->allowed <= list)
			raw_simple(SYS_SIGNAL_WAIT, p->self.signal[GO], 0);
		if (list) {
			try_windows(p, list == 1 ? ERROR_KERNEL_RAM : ERROR_NO_CAPS);
		} else {
			for (unsigned i = 0; i < sizeof with_room / sizeof *with_room; i++)
				try(p, &with_room[i]);
			try_other(p);
		}
		p->done = list + 1;
		submit(told.cap);
	}
}

/** It answers calls, and calls when it is signalled */
static void partner_run(struct thread *thread)
{
	struct prober *const p = container_of(thread, struct prober, partner.thread);
	struct raw r = { .dx = SYS_WAIT };
	for (;;) {
		raw_syscall(&r);
		bool const signal = r.dx & ABI_EVENT_SIGNAL;
		if (signal)
			raw_call(p->self.portal[0], 0);
		r.dx = signal || raw_error(&r) ? SYS_WAIT : SYS_REPLY_WAIT;
	}
}

/* -- the component's first thread -- */

static void provide_memory(struct env *env, dataspace_cap_t memory)
{
	uint64_t at;
	enum rm_access access;
	while (rm_fault(env->rm, &at, &access) == ERROR_OK) {
		error_ignore(rm_attach(env->rm, memory, at, 0, PAGE,
			RM_WRITE | RM_FIXED, &at), "then it waits for ever");
		error_ignore(rm_resume(env->rm), "same");
		parked++;
	}
}

static void run_list(struct env *env, uint32_t list, dataspace_cap_t memory)
{
	for (uint32_t i = 0; i < n_probers; i++) {
		struct prober *const p = &probers[i];
		p->allowed = list + 1;
		submit(p->self.signal[GO]);
		while (p->done <= list) {
			signal_wait(told);
			if (memory.cap)
				provide_memory(env, memory);
		}
	}
}

/** One more name, without the library's means to get memory for it */
static enum error take_name(struct env *env)
{
	struct utcb *const utcb = raw_utcb();
	struct raw r = { .di = env->pd.cap, .si = PD_OP_PORTAL_CREATE,
		.dx = SYS_CALL | WINDOW(1) | WORDS(1) | CAPS(1) };
	utcb->message.cap[0] = probers[0].partner.thread.cap.cap;
	raw_syscall(&r);
	enum error const error = raw_error(&r) ? raw_error(&r) : (enum error)r.si;
	if (!error && n_taken < NAMES_MAX)
		taken[n_taken++].cap = utcb->message.cap[0];
	return error;
}

/** Take names until that fails; not before 'wanted' is the reason */
static enum error take_all(struct env *env, enum error wanted)
{
	for (unsigned i = 0; i < 2 * NAMES_MAX; i++) {
		enum error error = take_name(env);
		if (error == wanted)
			return ERROR_OK;
		if (error == ERROR_KERNEL_RAM)
			error = pd_kernel_refill(env->pd);
		if (error)
			return error;
	}
	return ERROR_LIMIT;
}

/** Addresses where nothing is, a page for each prober */
static enum error find_holes(struct env *env)
{
	void *at = NULL;
	dataspace_cap_t memory;
	enum error error = ram_alloc(env, MAX_CPUS * PAGE, &memory);
	if (error)
		return error;
	error = ram_attach(env, memory, false, &at);
	if (!error)
		ram_detach(env, at);
	ram_free(env, memory);
	for (uint32_t i = 0; i < MAX_CPUS; i++)
		probers[i].hole = (uint8_t *)at + i * PAGE;
	return error;
}

static enum error open_prober(struct prober *p, struct env *env, uint32_t cpu)
{
	object_cap_t given = { 0 };
	p->self.cpu = p->partner.cpu = cpu;
	enum error error = worker_open(&p->self, prober_run);
	if (!error) error = worker_open(&p->partner, partner_run);
	if (!error)
		error = pd_portal_create(env->pd, p->partner.thread.cap, 0, &given);
	p->given = given.cap;
	return error;
}

enum error directed_begin(struct env *env, uint32_t cpus, cap_t const *servers)
{
	dataspace_cap_t memory = { 0 };
	enum error error = thread_signal(env, &told);
	if (!error) error = rm_fault_handler(env->rm, told);
	if (!error) error = ram_alloc(env, PAGE, &memory);
	for (uint32_t i = 0; i < cpus && !error; i++) {
		probers[i].echo = servers[i];
		probers[i].far  = servers[(i + 1) % cpus];
		error = open_prober(&probers[i], env, i);
	}
	if (!error) error = find_holes(env);
	if (error)
		return error;
	n_probers = cpus;
	run_list(env, 0, memory);
	error = rm_fault_handler(env->rm, (signal_cap_t) { 0 });
	if (!error) error = take_all(env, ERROR_KERNEL_RAM);
	if (!error) run_list(env, 1, (dataspace_cap_t) { 0 });
	return error;
}

enum error directed_give_back(struct env *env)
{
	enum error error = ERROR_OK;
	while (n_taken && !error)
		error = pd_object_destroy(env->pd, taken[--n_taken]);
	return error;
}

enum error directed_end(struct env *env)
{
	enum error error = take_all(env, ERROR_NO_CAPS);
	if (!error)
		run_list(env, 2, (dataspace_cap_t) { 0 });
	log_info("%u portals filled the table", n_taken);
	return error ? error : directed_give_back(env);
}

unsigned directed_wrong(void)
{
	unsigned wrong = parked != n_probers;
	for (uint32_t i = 0; i < n_probers; i++) {
		struct prober const *const p = &probers[i];
		if (p->wrong)
			log_error("CPU %u: %u answers were others, e.g. of call %u"
			          " error %u, but %lx came", i, p->wrong,
			          p->last_wrong.call, p->last_wrong.wanted,
			          p->instead);
		wrong += p->wrong;
	}
	log_info("on purpose, on %u CPUs: %u answers were others; core parked %u"
	         " threads", n_probers, wrong, parked);
	return wrong;
}

uint64_t directed_count(unsigned row, unsigned error)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < n_probers; i++)
		n += probers[i].self.count[row][error];
	return n;
}
