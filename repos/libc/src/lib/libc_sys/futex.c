/* SPDX-License-Identifier: MIT */
/*
 * Futexes: who waits stands in one list, in the order of arrival, on its own
 * stack; one lock for all of it. A component has at most 64 threads.
 */

/* public */
#include <base/signal.h>
#include <util/container_of.h>

/* musl */
#include <errno.h>

/* local */
#include "sys.h"

struct waiter {
	struct list_node node;
	int volatile    *word;
	signal_cap_t     signal;
};

static struct mutex mutex;
static struct list  waiters;

long futex_wait(int volatile *word, int value, uint64_t deadline)
{
	struct waiter self = { .word = word, .signal = thread_running()->signal };

	mutex_lock(&mutex);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
		mutex_unlock(&mutex);
		return -EAGAIN;
	}
	list_append(&waiters, &self.node);
	/* who wakes, takes out of the list; a signal alone means nothing */
	while (list_linked(&self.node) && clock_us() < deadline) {
		mutex_unlock(&mutex);
		thread_wait(deadline);
		mutex_lock(&mutex);
	}
	bool const late = list_linked(&self.node);
	list_remove(&self.node);
	mutex_unlock(&mutex);
	return late ? -ETIMEDOUT : 0;
}

long futex_requeue(int volatile *word, unsigned count, unsigned more,
                   int volatile *other)
{
	unsigned woken = 0, moved = 0;
	mutex_lock(&mutex);
	list_for_each_safe(&waiters, node) {
		struct waiter *const w = container_of(node, struct waiter, node);
		if (w->word != word)
			continue;
		if (woken < count) {
			list_remove(node);
			error_ignore(signal_submit(w->signal), "it is alive");
			woken++;
		} else if (moved < more) {
			w->word = other;
			moved++;
		}
	}
	mutex_unlock(&mutex);
	return woken + moved;
}

long futex_wake(int volatile *word, unsigned count)
{
	return futex_requeue(word, count, 0, NULL);
}
