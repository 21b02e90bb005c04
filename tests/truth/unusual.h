/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by another table, calls that have nothing to read, and threads in cgroups of their own. */
#pragma once
#include "compat.h"
#include "counted.h"
#include "ends.h"
#include "threads.h"
#include <sys/socket.h>

/*
 * compat TIMES: calls of the 32-bit table whose numbers are those of read, pread64 and fadvise64 in the native one, and
 * its read(2).
 */
static void compat(long times)
{
	long numbers[COMPAT_CALLS] = { SYS_read, SYS_pread64, SYS_fadvise64, 3 };
	int zero = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");

	compat_calls(numbers, 3, zero, times);
	close(zero);
}

/* again TIMES: as many reads of an empty pipe and of a socket that has nothing, and preads of a pipe. */
static void again(long times)
{
	int fds[2], sockets[2];
	char byte;

	sure(pipe2(fds, O_CLOEXEC | O_NONBLOCK), "make a pipe");
	sure(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), "make sockets");
	for (long i = 0; i < times; i++) {
		do_read(fds[0], &byte, 1);
		do_read(sockets[0], &byte, 1);
		do_pread(fds[0], &byte, 1, 0);
	}
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(sockets[i]);
	}
}

struct placed {
	const char *threads;
	long repeats;
};

static void *run_placed(void *argument)
{
	struct placed *placed = argument;

	enter_cgroup(placed->threads);
	do_repeats(placed->repeats);
	return NULL;
}

/* thread_in THREADS REPEATS: a thread enters a cgroup, without its process, and makes calls. */
static void thread_in(const char *threads, long repeats)
{
	struct placed placed = { threads, repeats };
	char *stack = new_stacks(1);
	pthread_t id;

	start_thread(&id, stack, run_placed, &placed);
	pthread_join(id, NULL);
	munmap(stack, STACK_SIZE);
}
