/* SPDX-License-Identifier: MIT */
/**
 * What conformance tests have in common
 *
 * A test is a component that goes through steps. Each step is repeated until
 * it leaves the accounts of RAM and capabilities as it found them: the first
 * time, kernel memory and heap may grow, a leak grows each time. A check that
 * fails ends the test, in whichever thread it fails.
 */
#pragma once

#include <base/component.h>
#include <base/entrypoint.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <session/pd.h>

/** One property, or one way to break it */
struct test_step {
	char const *name;
	void      (*run)(void);
};

/** Environment and CPUs of the test; valid in its steps */
extern struct env *test_env;
extern uint32_t    test_cpus;

/**
 * Go through the steps, tell the parent the outcome
 *
 * Called at the end of component_construct; the first thread runs the steps, so
 * that its entrypoint serves nothing meanwhile.
 */
enum error test_main(struct env *env, struct test_step const *steps,
                     unsigned count);

/** Log what is wrong, end the test; does not return */
void test_fail(char const *file, unsigned line, char const *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

/** Check that 'condition' holds; the rest says what does not, as for printf */
#define check(condition, ...) \
	do { \
		if (!(condition)) \
			test_fail(__FILE__, __LINE__, __VA_ARGS__); \
	} while (0)

/** Check that a call returns 'wanted' */
#define check_error(call, wanted) \
	test_expect(__FILE__, __LINE__, #call, (call), (wanted))
#define check_ok(call) check_error(call, ERROR_OK)

void test_expect(char const *file, unsigned line, char const *call,
                 enum error got, enum error wanted);

/** Accounts of the component as they are */
struct pd_account test_account(void);

/** Block the calling thread for so long */
void test_sleep(uint64_t us);

/** Wait, in steps of 'test_sleep', for a condition that must become true */
#define wait_for(condition, ...) \
	do { \
		unsigned patience_ = 20000; \
		while (!(condition)) { \
			check(patience_--, __VA_ARGS__); \
			test_sleep(500); \
		} \
	} while (0)

/**
 * As many rounds as 'n', but fewer with several CPUs: emulated ones outnumber the
 * host's, so that one waiting for the other takes long
 */
unsigned test_rounds(unsigned n);

/** Pseudo-random numbers (xorshift); begin with any number but 0 */
uint64_t test_random(uint64_t *state);

/* -- threads -- */

/** A thread of a test, with its number */
struct worker {
	struct thread thread;
	void        (*run)(struct worker *);
	unsigned      index;
	uint64_t      count;      /* for the test to use */
};

/** Start 'count' threads on all CPUs in turn; 'priority' 0 is the default */
void workers_open(struct worker *workers, unsigned count, uint32_t priority,
                  void (*run)(struct worker *));

/** Wait until all of them returned, and free them */
void workers_join(struct worker *workers, unsigned count);

/** End them wherever they are */
void workers_close(struct worker *workers, unsigned count);

/* -- servers -- */

/** Entrypoint with priority (0: default) on a CPU */
struct entrypoint *server_open(char const *name, uint32_t cpu, uint32_t priority);

/** Make 'object' callable; 'dispatch' gets the message as it came */
void server_object(struct rpc_object *object, struct entrypoint *ep,
                   rpc_dispatch_t dispatch);

/** Call with one word and no capability; the word may be replaced */
enum error server_call(cap_t object, uint64_t *word);
