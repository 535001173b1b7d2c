/* SPDX-License-Identifier: MIT */
/*
 * Mutex: one word, waiters in a list on their own stacks
 *
 * The word is 0 (free), LOCKED (taken, nobody waits), or LOCKED and the address
 * of the newest waiter, from which the older ones are linked. Anyone may push a
 * waiter in front; only the holder takes one out, the oldest, at the end.
 */

/* public */
#include <base/thread.h>

/* internal */
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

enum { LOCKED = 1 };

struct waiter {
	struct waiter *older;
	cap_t          token;
	bool           granted;
};

static struct waiter *waiters(uint64_t word)
{
	return (struct waiter *)(word & ~(uint64_t)LOCKED);
}

bool mutex_try(struct mutex *mutex)
{
	uint64_t word = 0;
	return __atomic_compare_exchange_n(&mutex->word, &word, LOCKED, false,
	                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void mutex_lock(struct mutex *mutex)
{
	if (mutex_try(mutex))
		return;

	struct waiter self = { .token = thread_self()->token.cap };
	uint64_t word = __atomic_load_n(&mutex->word, __ATOMIC_RELAXED);
	for (;;) {
		uint64_t const next = word ? (uint64_t)&self | LOCKED : LOCKED;
		self.older = waiters(word);
		if (__atomic_compare_exchange_n(&mutex->word, &word, next, false,
		                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			if (next == LOCKED)
				return;
			break;
		}
	}
	while (!__atomic_load_n(&self.granted, __ATOMIC_ACQUIRE)) {
		uint64_t count;
		error_ignore(sys_signal_wait(self.token, &count), "granted tells");
	}
}

void mutex_unlock(struct mutex *mutex)
{
	uint64_t word = LOCKED;
	struct waiter *oldest;
	for (;;) {
		if (word == LOCKED) {
			if (__atomic_compare_exchange_n(&mutex->word, &word, 0, false,
			                                __ATOMIC_RELEASE, __ATOMIC_ACQUIRE))
				return;
			continue;
		}
		struct waiter *newer = NULL;
		for (oldest = waiters(word); oldest->older; oldest = oldest->older)
			newer = oldest;
		if (newer) {
			newer->older = NULL;
			break;
		}
		if (__atomic_compare_exchange_n(&mutex->word, &word, LOCKED, false,
		                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			break;
	}
	cap_t const token = oldest->token; /* its stack is gone once granted */
	__atomic_store_n(&oldest->granted, true, __ATOMIC_RELEASE);
	error_ignore(sys_signal_submit(token), "the waiter's thread was killed");
}
