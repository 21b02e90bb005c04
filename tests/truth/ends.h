/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of processes, of which wait(2) tells the truth. */
#pragma once
#include "counted.h"
#include "threads.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* How a process is to end. */
struct ending {
	const char *how;
	const char *where;
	long number;
	pthread_barrier_t all;
};

static void __attribute__((noreturn)) end_thread(long status)
{
	for (;;)
		syscall(SYS_exit, status);
}

static void *sleep_on(void *unused)
{
	while (!unused)
		pause();
	return NULL;
}

/* Waits until the main thread has ended. */
static void await_main_thread(void)
{
	for (char state[512] = ""; !strstr(state, ") Z "); nap(1))
		read_file("/proc/self/stat", state, sizeof(state));
}

static void enter_cgroup(const char *procs)
{
	int fd = sure(open(procs, O_WRONLY | O_CLOEXEC), procs);

	sure(write(fd, "0", 1), "enter a cgroup");
	close(fd);
}

/* Asks for memory until the OOM killer comes. */
static void __attribute__((noreturn)) ask_for_memory(void)
{
	size_t size = 1 << 20;

	for (;;) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			die("get memory");
		memset(memory, 1, size);
	}
}

/* What a thread does while, or after, the main thread does its part. */
static void *end_in_thread(void *argument)
{
	struct ending *ending = argument;
	char number[16];

	snprintf(number, sizeof(number), "%ld", ending->number);
	if (!strcmp(ending->how, "group"))
		_exit(ending->number);
	if (!strcmp(ending->how, "execve"))
		sure(execl("/proc/self/exe", "ended", number, NULL), "execute itself");
	if (!strcmp(ending->how, "race")) {
		pthread_barrier_wait(&ending->all);
		end_thread(ending->number);
	}
	/* The others let the main thread end first. */
	await_main_thread();
	if (!strcmp(ending->how, "last_thread"))
		end_thread(ending->number);
	if (!strcmp(ending->how, "last_group"))
		_exit(ending->number);
	if (!strcmp(ending->how, "last_oom"))
		ask_for_memory();
	errno = EINVAL;
	die(ending->how);
}

static void __attribute__((noreturn)) end_process(struct ending *ending)
{
	struct rlimit core = { RLIM_INFINITY, RLIM_INFINITY };
	enum { THREADS = 8 };
	char *stacks = new_stacks(THREADS);
	pthread_t thread;
	int others, is_race;

	sure(chdir("/tmp"), "go where a core dump may be");
	/* With all that it has: a main thread that has ended cannot enter any more. */
	if (strstr(ending->how, "oom"))
		enter_cgroup(ending->where);
	if (!strcmp(ending->how, "exit"))
		_exit(ending->number);
	if (!strcmp(ending->how, "signal") || !strcmp(ending->how, "core")) {
		core.rlim_cur = strcmp(ending->how, "core") ? 0 : RLIM_INFINITY;
		setrlimit(RLIMIT_CORE, &core);
		signal(ending->number, SIG_DFL);
		raise(ending->number);
		die("end by a signal");
	}
	if (!strcmp(ending->how, "oom"))
		ask_for_memory();
	pthread_barrier_init(&ending->all, NULL, THREADS);
	is_race = !strcmp(ending->how, "race");
	/* Of the threads beside the main one all race, or one acts while the others sleep, or it is the only one. */
	others = strcmp(ending->how, "last_thread") && strcmp(ending->how, "last_oom") ? THREADS - 1 : 1;
	for (int i = 0; i < others; i++)
		start_thread(&thread, stacks + i * STACK_SIZE, i == 0 || is_race ? end_in_thread : sleep_on,
			     i == 0 || is_race ? ending : NULL);
	if (is_race)
		pthread_barrier_wait(&ending->all);
	if (!strncmp(ending->how, "last", 4) || is_race)
		end_thread(99);
	sleep_on(NULL);
	_exit(98);
}

/*
 * end HOW NUMBER WHERE TIMES: so many children end in that way, one after the other; the status of wait(2) and the start
 * time in /proc/PID/stat of each.
 */
static void end(const char *how, long number, const char *where, long times)
{
	say(",\"ends\":[");
	for (long i = 0; i < times; i++) {
		struct ending ending = { .how = how, .where = where, .number = number };
		char path[64], text[512], *field;
		int status, child = sure(fork(), "fork");

		if (!child)
			end_process(&ending);
		sure(waitid(P_PID, child, &(siginfo_t){}, WEXITED | WNOWAIT), "await a process");
		snprintf(path, sizeof(path), "/proc/%d/stat", child);
		read_file(path, text, sizeof(text));
		sure(waitpid(child, &status, 0), "wait for a process");
		field = strrchr(text, ')');
		/* Field 22; the comm is field 2. */
		for (int at = 2; at < 22; at++)
			field = strchr(field + 1, ' ');
		say("%s[%d,%d,%lld]", i ? "," : "", child, status, atoll(field));
	}
	say("]");
}
