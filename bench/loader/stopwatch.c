// SPDX-License-Identifier: Apache-2.0
/*
 * stopwatch TEXT PROGRAM ARGUMENT...
 *
 * Starts a program and prints the milliseconds until it has said TEXT on standard error, or has ended if TEXT
 * is empty, and its peak resident set in KiB. The program is killed then.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A program that says nothing for so long is stuck. */
#define PATIENCE_MS 30000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	char text[65536];
	size_t length = 0;
	int pipes[2], status, found = 0, stuck = 0;
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start, end;
	ssize_t count;
	pid_t pid;

	if (argc < 3 || pipe(pipes))
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDERR_FILENO);
	posix_spawn_file_actions_addclose(&actions, pipes[0]);
	posix_spawn_file_actions_addclose(&actions, pipes[1]);
	start = now_ms();
	if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ))
		return 127;
	close(pipes[1]);
	while (!found) {
		struct pollfd output = { .fd = pipes[0], .events = POLLIN };

		stuck = poll(&output, 1, PATIENCE_MS) == 0;
		if (stuck)
			break;
		count = read(pipes[0], text + length, sizeof(text) - 1 - length);
		if (count <= 0)
			break;
		length += count;
		text[length] = 0;
		found = *argv[1] && strstr(text, argv[1]) != NULL;
	}
	end = now_ms();
	if (found || stuck)
		kill(pid, SIGKILL);
	wait4(pid, &status, 0, &usage);
	if (!found && (*argv[1] || status != 0)) {
		fprintf(stderr, "it ended with status %d and said: %s\n", status, length ? text : "nothing");
		return 1;
	}
	printf("%f %ld\n", end - start, usage.ru_maxrss);
	return 0;
}
