/* SPDX-License-Identifier: Apache-2.0 */
/* Names, and lives that end at random. */
#pragma once
#include "counted.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void set_name(const char *name)
{
	sure(prctl(PR_SET_NAME, name), "take a name");
}

/* rename_process NAME: the process takes a name, a tilde standing for a space, which ends a word. */
static void rename_process(char *name)
{
	for (char *at = name; (at = strchr(at, '~'));)
		*at = ' ';
	set_name(name);
}

struct named {
	const char *name;
	long repeats;
};

static void *run_named(void *argument)
{
	struct named *named = argument;

	set_name(named->name);
	do_repeats(named->repeats);
	return NULL;
}

/* thread NAME REPEATS: a thread of that name makes calls. */
static void thread(const char *name, long repeats)
{
	struct named named = { name, repeats };
	char *stack = new_stacks(1);
	pthread_t id;

	start_thread(&id, stack, run_named, &named);
	pthread_join(id, NULL);
	munmap(stack, STACK_SIZE);
}

/* Reads one byte after the other of a file, in a cgroup and under a name, until it is killed. */
static void __attribute__((noreturn)) live(int file, int cgroup, const char *name)
{
	char byte;

	sure(prctl(PR_SET_PDEATHSIG, SIGKILL), "ask to die with the parent");
	sure(write(cgroup, "0", 1), "enter a cgroup");
	set_name(name);
	while (syscall(SYS_read, file, &byte, 1) == 1)
		;
	die("read the file");
}

static long up_to_ms(long most)
{
	return random() % (most + 1);
}

/*
 * lives CGROUP NAME TIMES MS: as often a process is started that reads, and killed after at most so many
 * milliseconds; as many are between two. All read the same open file, so that its position, which the kernel
 * moves, tells how many reads there were, also when a process was killed before it could count.
 */
static void lives(const char *cgroup, const char *name, long times, long ms)
{
	int file = sure(memfd_create("lives", MFD_CLOEXEC), "make a file");
	int procs = sure(open(cgroup, O_WRONLY | O_CLOEXEC), cgroup);
	long reads;

	sure(ftruncate(file, 1L << 40), "make a file large");
	for (long i = 0; i < times; i++) {
		int child = sure(fork(), "fork");
		int status;

		if (!child)
			live(file, procs, name);
		nap(up_to_ms(ms));
		kill(child, SIGKILL);
		sure(waitpid(child, &status, 0), "wait for a process");
		if (!WIFSIGNALED(status))
			die("go on: a process failed");
		nap(up_to_ms(ms));
	}
	reads = lseek(file, 0, SEEK_CUR);
	close(file);
	close(procs);
	add(&counts->read.calls, reads);
	add(&counts->read.bytes, reads);
}
