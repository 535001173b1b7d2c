/* SPDX-License-Identifier: MIT */
/* Mutexes, conditions, semaphores and the like; clocks */

/* musl */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

/* local */
#include "test.h"

enum { THREADS = 8, ROUNDS = 400, ITEMS = 500, SLOTS = 4 };

static void run_threads(void *(*function)(void *), unsigned count)
{
	pthread_t thread[THREADS];
	for (unsigned long i = 0; i < count; i++)
		check(!pthread_create(&thread[i], NULL, function, (void *)i),
		      "thread %lu", i);
	for (unsigned i = 0; i < count; i++)
		check(!pthread_join(thread[i], NULL), "join %u", i);
}

/* -- one counter, several locks -- */

static pthread_mutex_t    plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t    recursive, checked;
static pthread_rwlock_t   rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spinlock;
static pthread_once_t     once = PTHREAD_ONCE_INIT;
static sem_t              semaphore;
static pthread_barrier_t  barrier;
static unsigned long      counter[5];
static int                once_count, serial_count;

static void count_once(void)
{
	once_count++;
}

static void *count_up(void *unused)
{
	pthread_once(&once, count_once);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&plain);
		counter[0]++;
		pthread_mutex_unlock(&plain);

		pthread_mutex_lock(&recursive);
		pthread_mutex_lock(&recursive);
		counter[1]++;
		pthread_mutex_unlock(&recursive);
		pthread_mutex_unlock(&recursive);

		pthread_rwlock_wrlock(&rwlock);
		counter[2]++;
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_rdlock(&rwlock);
		check(counter[2] > (unsigned long)i, "rwlock");
		pthread_rwlock_unlock(&rwlock);

		while (sem_wait(&semaphore))
			;
		counter[3]++;
		sem_post(&semaphore);

		pthread_spin_lock(&spinlock);
		counter[4]++;
		pthread_spin_unlock(&spinlock);
	}
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		__atomic_add_fetch(&serial_count, 1, __ATOMIC_RELAXED);
	/* nobody is here before all were there */
	for (int i = 0; i < 5; i++)
		check(counter[i] == THREADS * ROUNDS, "lock %d: %lu", i, counter[i]);
	return NULL;
}

static void mutex_of(pthread_mutex_t *mutex, int type)
{
	pthread_mutexattr_t attributes;
	check(!pthread_mutexattr_init(&attributes)
	      && !pthread_mutexattr_settype(&attributes, type)
	      && !pthread_mutex_init(mutex, &attributes), "mutex");
}

static void locks(void)
{
	mutex_of(&recursive, PTHREAD_MUTEX_RECURSIVE);
	mutex_of(&checked, PTHREAD_MUTEX_ERRORCHECK);
	check(!sem_init(&semaphore, 0, 1), "sem_init");
	check(!pthread_spin_init(&spinlock, 0), "spin_init");
	check(!pthread_barrier_init(&barrier, NULL, THREADS), "barrier_init");
	run_threads(count_up, THREADS);
	check(once_count == 1 && serial_count == 1, "once %d, serial %d", once_count,
	      serial_count);
	check(!pthread_mutex_lock(&checked)
	      && pthread_mutex_lock(&checked) == EDEADLK
	      && pthread_mutex_trylock(&checked) == EBUSY
	      && !pthread_mutex_unlock(&checked)
	      && pthread_mutex_unlock(&checked) == EPERM, "checked mutex");
}

/* -- a queue between producers and consumers -- */

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t  not_full, not_empty;
	unsigned        used, put, taken;
	unsigned long   slot[SLOTS], sum;
} queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
            PTHREAD_COND_INITIALIZER, 0, 0, 0, { 0 }, 0 };

static void *produce_or_consume(void *argument)
{
	bool const producer = (unsigned long)argument % 2;
	for (;;) {
		pthread_mutex_lock(&queue.mutex);
		while (producer ? queue.used == SLOTS && queue.put < ITEMS
		                : !queue.used && queue.taken < ITEMS)
			pthread_cond_wait(producer ? &queue.not_full : &queue.not_empty,
			                  &queue.mutex);
		if ((producer ? queue.put : queue.taken) == ITEMS)
			break;
		if (producer) {
			queue.slot[queue.used++] = ++queue.put;
			pthread_cond_signal(&queue.not_empty);
		} else {
			queue.sum += queue.slot[--queue.used];
			queue.taken++;
			pthread_cond_signal(&queue.not_full);
		}
		pthread_mutex_unlock(&queue.mutex);
	}
	pthread_cond_broadcast(producer ? &queue.not_full : &queue.not_empty);
	pthread_mutex_unlock(&queue.mutex);
	return NULL;
}

static void conditions(void)
{
	run_threads(produce_or_consume, THREADS);
	check(queue.sum == (unsigned long)ITEMS * (ITEMS + 1) / 2 && !queue.used,
	      "sum %lu", queue.sum);
}

/* -- time -- */

static unsigned long now_us(clockid_t clock)
{
	struct timespec time;
	check(!clock_gettime(clock, &time), "clock %d", clock);
	return (unsigned long)time.tv_sec * 1000000 + (unsigned long)time.tv_nsec / 1000;
}

/** Nobody signals: it is the timeout that ends it, and not too early */
static void timeouts(void)
{
	pthread_cond_t never;
	pthread_condattr_t attributes;
	struct timespec until;
	check(!pthread_condattr_init(&attributes)
	      && !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
	      && !pthread_cond_init(&never, &attributes), "condition");
	unsigned long const start = now_us(CLOCK_MONOTONIC);
	check(!clock_gettime(CLOCK_MONOTONIC, &until), "clock");
	until.tv_nsec += 5000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&plain);
	int error;
	while (!(error = pthread_cond_timedwait(&never, &plain, &until)))
		;
	check(error == ETIMEDOUT && pthread_mutex_trylock(&plain) == EBUSY,
	      "timedwait: %d", error);
	check(now_us(CLOCK_MONOTONIC) - start >= 5000, "woken early");

	check(!clock_gettime(CLOCK_REALTIME, &until), "clock");
	check(pthread_mutex_timedlock(&plain, &until) == ETIMEDOUT, "timedlock");
	pthread_mutex_unlock(&plain);
	check(!sem_wait(&semaphore), "semaphore");
	errno = 0;
	check(sem_timedwait(&semaphore, &until) == -1 && errno == ETIMEDOUT,
	      "sem_timedwait");
}

static void *sleep_a_while(void *argument)
{
	unsigned long const us = ((unsigned long)argument + 1) * 1000;
	unsigned long const start = now_us(CLOCK_MONOTONIC);
	struct timespec const time = { .tv_nsec = (long)us * 1000 };
	check(!nanosleep(&time, NULL), "nanosleep");
	check(now_us(CLOCK_MONOTONIC) - start >= us, "woken early");
	return NULL;
}

void test_sync(void)
{
	locks();
	conditions();
	timeouts();
	printf("synchronisation: ok\n");
}

void test_clocks(void)
{
	struct timespec const wrong = { .tv_nsec = 1000000000 };
	struct tm date;
	time_t const day = 1000000000;
	run_threads(sleep_a_while, THREADS);
	errno = 0;
	check(nanosleep(&wrong, NULL) == -1 && errno == EINVAL, "no time");
	check(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec) { 0 },
	                      NULL) == 0, "in the past");
	unsigned long const cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
	check(cpu > 0 && now_us(CLOCK_THREAD_CPUTIME_ID) <= now_us(CLOCK_PROCESS_CPUTIME_ID),
	      "execution times");
	check(gmtime_r(&day, &date) && date.tm_year == 101 && date.tm_mday == 9, "date");
	printf("clocks: ok\n");
}
