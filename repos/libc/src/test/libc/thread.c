/* SPDX-License-Identifier: MIT */
/* Threads: storage, results, ends, exhaustion */

/* musl */
#include <errno.h>
#include <fenv.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* local */
#include "test.h"

enum { WORKERS = 12, MANY = 100, ROUNDS = 40 };

/* -- thread-local storage -- */

static __thread unsigned long number = 0x123456789abcdef0;
static __thread char          large[2000];
static __thread char const   *text = "initial";
static __thread struct { unsigned long word[8]; } __attribute__((aligned(64))) line =
	{ { 1, 2, 3 } };

static void check_initial(void)
{
	check(number == 0x123456789abcdef0 && !strcmp(text, "initial"), "initial value");
	check((size_t)&line % 64 == 0 && line.word[2] == 3, "alignment");
	for (size_t i = 0; i < sizeof large; i++)
		check(!large[i], "not zero at %zu", i);
	check(errno == 0, "errno is %d", errno);
}

static void *own_storage(void *argument)
{
	unsigned long const own = (unsigned long)argument;
	check_initial();
	for (unsigned i = 0; i < ROUNDS; i++) {
		char digits[64];
		double const value = (double)own + 1.0 / (i + 1);
		number = own * 1000 + i;
		memset(large, (int)own, sizeof large);
		/* memory and floating-point numbers of several threads at a time */
		char *const copy = malloc(own * 100 + i);
		check(copy, "no memory");
		memset(copy, (int)own, own * 100 + i);
		snprintf(digits, sizeof digits, "%.17g", value);
		check(strtod(digits, NULL) == value, "%s", digits);
		errno = (int)own;
		sched_yield();
		check(number == own * 1000 + i && large[i] == (char)own,
		      "thread %lu: %lu %d", own, number, large[i]);
		check(errno == (int)own && copy[i] == (char)own,
		      "thread %lu: errno %d, memory %d", own, errno, copy[i]);
		free(copy);
	}
	return (void *)(own * own);
}

static void storage(void)
{
	pthread_t thread[WORKERS];
	errno = 0;
	for (unsigned long i = 0; i < WORKERS; i++)
		check(!pthread_create(&thread[i], NULL, own_storage, (void *)(i + 1)),
		      "thread %lu", i);
	for (unsigned long i = 0; i < WORKERS; i++) {
		void *result;
		check(!pthread_join(thread[i], &result), "join %lu", i);
		check(result == (void *)((i + 1) * (i + 1)), "result of %lu", i);
	}
	check_initial();
}

/* -- ends -- */

static pthread_key_t key;
static int           destroyed;

static void destroy(void *value)
{
	__atomic_add_fetch(&destroyed, *(int *)value, __ATOMIC_RELAXED);
}

static void clean_up(void *value)
{
	__atomic_add_fetch(&destroyed, *(int *)value, __ATOMIC_RELAXED);
}

__attribute__((noinline))
static void leave_deep(char *result)
{
	pthread_exit(result);
}

static void *leave(void *unused_argument)
{
	static int one = 1, hundred = 100;
	check(!pthread_setspecific(key, &one), "setspecific");
	pthread_cleanup_push(clean_up, &hundred);
	leave_deep("left");
	pthread_cleanup_pop(0);
	return NULL;
}

static void ends(void)
{
	pthread_t thread;
	void *result;
	check(!pthread_key_create(&key, destroy), "key");
	check(!pthread_create(&thread, NULL, leave, NULL)
	      && !pthread_join(thread, &result), "thread");
	check(!strcmp(result, "left") && destroyed == 101, "%d", destroyed);
	check(!pthread_key_delete(key), "delete");
}

/* -- stacks -- */

static void fill_stack(void)
{
	char volatile bytes[900000];
	for (size_t i = 0; i < sizeof bytes; i += 1000)
		bytes[i] = 1;
}

static void *on_stack(void *argument)
{
	char const here = 1, *const at = argument;
	pthread_attr_t attributes;
	void *start;
	size_t size;
	check(!pthread_getattr_np(pthread_self(), &attributes)
	      && !pthread_attr_getstack(&attributes, &start, &size), "getattr");
	check(&here > (char *)start && &here < (char *)start + size, "elsewhere");
	if (at)
		check(&here > at && &here < at + 65536, "not on the stack given");
	else
		fill_stack();
	return NULL;
}

static void stacks(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	char *const own = aligned_alloc(4096, 65536);
	check(own && !pthread_attr_init(&attributes)
	      && !pthread_attr_setstack(&attributes, own, 65536), "setstack");
	check(!pthread_create(&thread, &attributes, on_stack, own)
	      && !pthread_join(thread, NULL), "own stack");
	free(own);
	check(!pthread_attr_init(&attributes)
	      && !pthread_attr_setstacksize(&attributes, 1 << 20)
	      && !pthread_create(&thread, &attributes, on_stack, NULL)
	      && !pthread_join(thread, NULL), "large stack");
}

/* -- exhaustion -- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  go    = PTHREAD_COND_INITIALIZER;
static bool            may_go;
static unsigned        gone;

static void *wait_to_go(void *argument)
{
	pthread_mutex_lock(&mutex);
	while (!may_go)
		pthread_cond_wait(&go, &mutex);
	gone++;
	pthread_mutex_unlock(&mutex);
	return argument;
}

static unsigned as_many_as_there_can_be(void)
{
	pthread_t thread[MANY];
	unsigned n = 0;
	int error = 0;
	may_go = false;
	gone   = 0;
	while (n < MANY && !(error = pthread_create(&thread[n], NULL, wait_to_go, NULL)))
		n++;
	check(error == EAGAIN, "%u threads, error %d", n, error);
	pthread_mutex_lock(&mutex);
	may_go = true;
	pthread_cond_broadcast(&go);
	pthread_mutex_unlock(&mutex);
	for (unsigned i = 0; i < n; i++)
		check(!pthread_join(thread[i], NULL), "join %u", i);
	check(gone == n, "%u of %u", gone, n);
	return n;
}

/** All that threads had comes back */
static void exhaustion(void)
{
	unsigned const n = as_many_as_there_can_be();
	size_t const used = ram_used(), caps = caps_used(), names = names_used();
	check(n == 62, "%u threads beside the first two", n);
	check(as_many_as_there_can_be() == n, "fewer than %u", n);
	check(ram_used() == used && caps_used() == caps && names_used() == names,
	      "%zu bytes, %zu capabilities, %zu names in use, before %zu, %zu, %zu",
	      ram_used(), caps_used(), names_used(), used, caps, names);
}

static unsigned detached;

static void *count_down(void *argument)
{
	__atomic_sub_fetch(&detached, 1, __ATOMIC_SEQ_CST);
	return argument;
}

/** More of them than there can be at a time */
static void detaching(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	check(!pthread_attr_init(&attributes)
	      && !pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED),
	      "attributes");
	for (int i = 0; i < 2 * MANY; i++) {
		__atomic_add_fetch(&detached, 1, __ATOMIC_SEQ_CST);
		int error;
		while ((error = pthread_create(&thread, &attributes, count_down, NULL))
		       == EAGAIN)
			usleep(100);
		check(!error, "detached thread %d: %d", i, error);
	}
	while (__atomic_load_n(&detached, __ATOMIC_SEQ_CST))
		usleep(100);
}

/* -- guard pages -- */

static void *overflow(void *unused)
{
	pthread_attr_t attributes;
	void *start;
	size_t size;
	check(!pthread_getattr_np(pthread_self(), &attributes)
	      && !pthread_attr_getstack(&attributes, &start, &size), "getattr");
	*(char volatile *)start = 1;
	printf("the last byte of the stack\n");
	((char volatile *)start)[-1] = 1;
	printf("and the one below\n");
	return NULL;
}

void test_overflow(void)
{
	pthread_t thread;
	check(!pthread_create(&thread, NULL, overflow, NULL)
	      && !pthread_join(thread, NULL), "thread");
}

void test_threads(void)
{
	storage();
	ends();
	stacks();
	exhaustion();
	detaching();
	printf("threads: ok\n");
}
