// SPDX-License-Identifier: Apache-2.0
/* crowd COUNT: a process with as many threads that only sleep; says so when all are there, and ends with its input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *rest(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	/* The main thread is one of them. */
	long count = argc > 1 ? atol(argv[1]) - 1 : 0;
	pthread_attr_t small;
	pthread_t thread;
	char byte;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (long i = 0; i < count; i++) {
		if (pthread_create(&thread, &small, rest, NULL)) {
			perror("Cannot start a thread");
			return 1;
		}
	}
	fprintf(stderr, "ready\n");
	return read(STDIN_FILENO, &byte, 1) < 0;
}
