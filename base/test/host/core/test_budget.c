/* SPDX-License-Identifier: MIT */
/** CPU sessions of core on the fake kernel: limits that change, quotas, groups */

#include <rpc/cpu.h>
#include <rpc/parent.h>
#include <rpc/pd.h>
#include <test.h>
#include <util/format.h>
#include <util/minmax.h>
#include "booted.h"
#include "component/pd.h"
#include "component/thread.h"
#include "fake_kernel.h"
#include "root.h"
#include "work.h"

/** Session of init for 'label'; 'cpu' stays valid until it is closed */
struct limits { uint32_t id; struct cpu *cpu; cap_t cap; };

static enum error open_cpu(struct limits *s, char const *label,
                           unsigned priority, unsigned quota)
{
	char text[64];
	format_text(text, sizeof text, "cpu | priority: %u | quota: %u",
	            priority, quota);
	enum error const error = open_text("CPU", label, text, 16384, 4, &s->id,
	                                   &s->cap);
	s->cpu = error ? NULL : cpu_find((cpu_cap_t) { s->cap });
	return error;
}

static enum error change(struct limits const *s, unsigned priority,
                         unsigned quota)
{
	char text[64];
	enum error error;
	format_text(text, sizeof text, "cpu | priority: %u | quota: %u",
	            priority, quota);
	do error = parent_change(parent, s->id, text);
	while (error == ERROR_AGAIN);
	return error;
}

static void close(struct limits *s)
{
	CHECK(parent_close(parent, s->id) == ERROR_OK);
	s->cpu = NULL;
}

static unsigned quota_of(struct limits const *s)
{
	return fake_quota(s->cpu->budget.group);
}

static void priorities(void)
{
	enum { THREADS = 20 };
	struct limits s;
	struct thread *threads[THREADS];
	boot();
	struct books const before = books();
	CHECK(!open_cpu(&s, "p", 30, 0));
	for (unsigned i = 0; i < THREADS; i++) {
		struct thread_args const args = { .name = "t",
			.priority = i < 10 ? 127 : 20 };
		CHECK(!thread_create(s.cpu, root_pd(), &args, &threads[i]));
		CHECK(threads[i]->priority == (i < 10 ? 30 : 20));
	}
	CHECK(!change(&s, 60, 0));
	CHECK(threads[0]->priority == 60 && threads[19]->priority == 20);
	CHECK(!change(&s, 10, 0));
	CHECK(threads[0]->priority == 10 && threads[19]->priority == 10);
	CHECK(!change(&s, 999, 0));
	CHECK(threads[0]->priority == 127 && threads[19]->priority == 20);
	for (unsigned i = 0; i < THREADS; i++)
		while (!thread_destroy(threads[i]))
			work_begin();
	close(&s);
	balanced(&before);
}

static void refusals(void)
{
	struct limits s, log;
	boot();
	CHECK(!open_cpu(&s, "r", 30, 0));
	CHECK(open_text("LOG", "r", "", 6144, 2, &log.id, &log.cap) == ERROR_OK);
	CHECK(parent_change(parent, log.id, "cpu") == ERROR_INVALID);
	CHECK(parent_change(parent, 12345, "cpu") == ERROR_NOT_FOUND);
	CHECK(parent_change(parent, s.id, "UPPER") == ERROR_INVALID);
	CHECK(change(&s, 50, 1) == ERROR_INVALID);
	CHECK(change(&s, 50, 101) == ERROR_LIMIT);
	CHECK(s.cpu->priority == 30);
	CHECK(parent_close(parent, log.id) == ERROR_OK);
	close(&s);
}

/** A child gets a quota, changes and loses it; its own children follow */
static void groups(void)
{
	struct limits a, below, other;
	struct thread *thread;
	struct thread_args const args = { .name = "t", .priority = 1 };
	boot();
	CHECK(!open_cpu(&a, "a", 30, 0));
	CHECK(!open_cpu(&below, "a -> b", 30, 0));
	CHECK(!open_cpu(&other, "ab", 30, 0));
	CHECK(!thread_create(below.cpu, root_pd(), &args, &thread));
	unsigned const shared = other.cpu->budget.group;
	CHECK(a.cpu->budget.group == shared && thread->group == shared);

	CHECK(!change(&a, 30, 40));
	CHECK(quota_of(&a) == 40 && quota_of(&other) == 60);
	CHECK(below.cpu->budget.group == a.cpu->budget.group);
	CHECK(thread->group == a.cpu->budget.group);
	CHECK(other.cpu->budget.group == shared);

	CHECK(!change(&below, 30, 25));
	CHECK(quota_of(&a) == 15 && quota_of(&below) == 25);
	CHECK(change(&a, 30, 24) == ERROR_LIMIT);
	CHECK(!change(&a, 30, 25) && quota_of(&a) == 0);
	CHECK(!change(&a, 30, 90) && quota_of(&a) == 65);
	CHECK(quota_of(&other) == 10 && fake_quotas() == 100);
	CHECK(!change(&below, 30, 0));
	CHECK(quota_of(&a) == 90 && thread->group == a.cpu->budget.group);
	CHECK(!change(&a, 30, 0));
	CHECK(a.cpu->budget.group == shared && thread->group == shared);
	CHECK(quota_of(&other) == 100 && fake_quotas() == 100);

	/* the one above closes first */
	CHECK(!change(&a, 30, 40));
	CHECK(thread->group == a.cpu->budget.group && thread->group != shared);
	close(&a);
	CHECK(below.cpu->budget.group == shared && thread->group == shared);
	CHECK(quota_of(&below) == 100 && fake_quotas() == 100);
	while (!thread_destroy(thread))
		work_begin();
	close(&below);
	close(&other);
}

/** Whatever comes, nothing is lost and nothing is given twice */
static void random_changes(void)
{
	enum { SESSIONS = 24 };
	static char const *const labels[] = {
		"a", "a -> b", "a -> b -> c", "d", "d -> e", "ab" };
	struct limits s[SESSIONS] = { 0 };
	boot();
	for (unsigned step = 0; step < 20000; step++) {
		struct limits *const one = &s[test_random(SESSIONS)];
		unsigned const quota = test_random(3) ? 0
			: (unsigned)test_random(60);
		if (!one->cpu)
			(void)!open_cpu(one, labels[test_random(
				array_length(labels))], 30, quota);
		else if (test_random(4))
			(void)!change(one, 30, quota);
		else
			close(one);
		CHECK(fake_quotas() == 100);
	}
	for (unsigned i = 0; i < SESSIONS; i++)
		if (s[i].cpu)
			close(&s[i]);
	struct limits last;
	CHECK(!open_cpu(&last, "last", 30, 0));
	CHECK(quota_of(&last) == 100 && fake_quotas() == 100);
	close(&last);
}

/** So many calls until it is done; 0: it does not end */
static unsigned steps(struct limits const *s, char const *text)
{
	unsigned n = 1;
	while (n < 500 && parent_change(parent, s->id, text) == ERROR_AGAIN)
		n++;
	return n < 500 ? n : 0;
}

static void check_all(struct cpu const *cpu, uint32_t priority, uint32_t number)
{
	uint32_t id = 0;
	for (struct thread *t; (t = thread_behind(cpu, id)); id = t->id)
		CHECK(t->priority == priority && t->cpu_number == number);
}

/** Each step goes on where the last one ended, or all over for something else */
static void many_threads(void)
{
	enum { THREADS = 2080, FEW = 40 };
	struct limits few, many;
	thread_cap_t thread;
	context_cap_t context;
	dataspace_cap_t page;
	boot();
	struct account *const account = &root_pd()->session.account;
	account->caps_limit += 2 * THREADS;
	struct books const before = books();
	CHECK(!open_cpu(&few, "m", 60, 0));
	CHECK(!open_cpu(&many, "m -> n", 60, 0));
	for (unsigned i = 0; i < THREADS; i++)
		CHECK(!cpu_context_create(
			(cpu_cap_t) { i < FEW ? few.cap : many.cap }, init_pd,
			"x", &thread, &context, &page));

	CHECK(steps(&many, "cpu | priority: 50") > 10);
	check_all(many.cpu, 50, 0);
	CHECK(parent_change(parent, many.id, "cpu | priority: 20")
	      == ERROR_AGAIN);
	CHECK(parent_move(parent, many.id, 1, 1) == ERROR_AGAIN);
	CHECK(steps(&many, "cpu | priority: 10"));
	check_all(many.cpu, 10, 1);

	CHECK(steps(&few, "cpu | priority: 40 | quota: 30") > 10);
	check_all(few.cpu, 40, 0);
	check_all(many.cpu, 10, 1);
	uint32_t id = 0;
	for (struct thread *t; (t = thread_behind(many.cpu, id)); id = t->id)
		CHECK(t->group == few.cpu->budget.group);
	close(&many);
	close(&few);
	balanced(&before);
	account->caps_limit -= 2 * THREADS;
}

enum { NEW = 50, TURNS = 20 };

static struct limits busy;
static thread_cap_t  newer[NEW];
static unsigned      turns;

/** As many end as begin, and more than one step of cpu_time asks */
static void replace_all(void)
{
	context_cap_t context;
	dataspace_cap_t page;
	if (turns++ > TURNS)
		return;
	for (unsigned i = 0; i < NEW; i++) {
		if (newer[i].cap)
			CHECK(!thread_kill(newer[i]));
		CHECK(!cpu_context_create((cpu_cap_t) { busy.cap }, init_pd, "x",
		                          &newer[i], &context, &page));
	}
}

/** Asking for the time ends, whatever threads do */
static void time_of_many(void)
{
	boot();
	struct books const before = books();
	uint64_t us;
	CHECK(!open_cpu(&busy, "t", 60, 0));
	replace_all();
	fake_between(replace_all);
	CHECK(!cpu_time((cpu_cap_t) { busy.cap }, &us));
	fake_between(NULL);
	CHECK(turns > 1 && turns < 5);
	close(&busy);
	balanced(&before);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "budget: priorities", priorities },
		{ "budget: refusals", refusals },
		{ "budget: groups", groups },
		{ "budget: random changes", random_changes },
		{ "budget: many threads", many_threads },
		{ "budget: time of many threads", time_of_many },
	};
	return test_run(cases, array_length(cases));
}
