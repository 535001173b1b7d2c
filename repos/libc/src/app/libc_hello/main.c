/* SPDX-License-Identifier: MIT */
/* A program of standard C, as it could stand anywhere */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static __thread int number = 40;

static void *add(void *two)
{
	number += *(int *)two;
	return (void *)(long)number;
}

int main(int count, char **arguments)
{
	char const *const who = getenv("WHO");
	pthread_t thread;
	int two = 2;
	void *sum;

	printf("hello, %s", who ? who : "world");
	for (int i = 1; i < count; i++)
		printf(" %s", arguments[i]);
	putchar('\n');

	if (pthread_create(&thread, NULL, add, &two) || pthread_join(thread, &sum)) {
		perror("thread");
		return EXIT_FAILURE;
	}
	printf("a thread made it %ld, here it is %d\n", (long)sum, number);
	printf("no newline at the end");
	return 3;
}
