// SPDX-License-Identifier: Apache-2.0
/* crowd COUNT: as many processes that only sleep; says so when all are there, and ends with its input. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 0;
	char byte;

	for (long i = 0; i < count; i++) {
		int child = fork();

		if (child < 0) {
			perror("Cannot fork");
			kill(0, SIGKILL);
		}
		if (child)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	fprintf(stderr, "ready\n");
	return read(STDIN_FILENO, &byte, 1) < 0;
}
