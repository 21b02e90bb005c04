/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are interrupted, cut short, held up, or made by many at once. */
#pragma once
#include "counted.h"
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* A thread that reads one byte of a pipe. */
struct reader {
	pthread_t thread;
	char *stack;
	int pipe[2];
	int tid; /* 0 until it runs */
	long before_ns, after_ns;
	long result;
	int error;
	long repeats; /* what it does after the byte has come */
};

static void do_repeats(long repeats)
{
	int fd = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");
	char buffer[64];

	for (long i = 0; i < repeats; i++) {
		do_read(fd, buffer, i % sizeof(buffer));
		do_pread(fd, buffer, i % sizeof(buffer), i);
	}
	close(fd);
}

static void *run_reader(void *argument)
{
	struct reader *reader = argument;
	char byte;

	__atomic_store_n(&reader->tid, gettid(), __ATOMIC_RELEASE);
	reader->before_ns = now_ns();
	reader->result = do_read(reader->pipe[0], &byte, 1);
	reader->error = errno;
	reader->after_ns = now_ns();
	do_repeats(reader->repeats);
	return NULL;
}

#define STACK_SIZE (64L << 10)

/*
 * Memory for the stacks of many threads, all of it at once: to give one stack back, or to guard it, makes all
 * processors flush what they know of addresses, which takes an emulator a millisecond.
 */
static char *new_stacks(long threads)
{
	char *stacks = mmap(NULL, threads * STACK_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (stacks == MAP_FAILED)
		die("get memory for threads");
	return stacks;
}

static void start_thread(pthread_t *thread, char *stack, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack, STACK_SIZE);
	errno = pthread_create(thread, &attributes, run, argument);
	if (errno)
		die("start a thread");
	pthread_attr_destroy(&attributes);
}

static void start_reader(struct reader *reader)
{
	reader->tid = 0;
	reader->stack = new_stacks(1);
	sure(pipe2(reader->pipe, O_CLOEXEC), "make a pipe");
	start_thread(&reader->thread, reader->stack, run_reader, reader);
}

/* Waits until the reader sleeps in read(2). */
static void await_reader(struct reader *reader)
{
	while (!__atomic_load_n(&reader->tid, __ATOMIC_ACQUIRE))
		sched_yield();
	await_blocked(getpid(), reader->tid, SYS_read);
}

static void release_reader(struct reader *reader)
{
	sure(write(reader->pipe[1], "x", 1), "write to a pipe");
}

static void end_reader(struct reader *reader)
{
	pthread_join(reader->thread, NULL);
	munmap(reader->stack, STACK_SIZE);
	close(reader->pipe[0]);
	close(reader->pipe[1]);
}

static int handler_fd;
static long handled;

/* Makes calls of every watched kind in the middle of another. */
static void handle_signal(int signal)
{
	int error = errno;
	char buffer[16];

	(void)signal;
	do_read(handler_fd, buffer, 16);
	do_pread(handler_fd, buffer, 8, 0);
	do_fadvise(-1, 0);
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELEASE);
	errno = error;
}

static void interrupt_reader(struct reader *reader)
{
	long before = __atomic_load_n(&handled, __ATOMIC_ACQUIRE);

	await_reader(reader);
	sure(syscall(SYS_tgkill, getpid(), reader->tid, SIGUSR2), "send a signal");
	while (__atomic_load_n(&handled, __ATOMIC_ACQUIRE) == before)
		sched_yield();
}

static void prepare_signals(int flags)
{
	struct sigaction action = { .sa_handler = handle_signal, .sa_flags = flags };

	handler_fd = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");
	sure(sigaction(SIGUSR2, &action, NULL), "handle a signal");
}

/* interrupt TIMES: as often a read ends with EINTR, after its handler has made calls of its own. */
static void interrupt(long times)
{
	long eintr = 0;

	prepare_signals(0);
	for (long i = 0; i < times; i++) {
		struct reader reader = {};

		start_reader(&reader);
		interrupt_reader(&reader);
		end_reader(&reader);
		eintr += reader.result < 0 && reader.error == EINTR;
	}
	close(handler_fd);
	say(",\"eintr\":%ld", eintr);
}

/* restart TIMES: one read is interrupted as often and goes on, and the process does not see it. */
static void restart(long times)
{
	struct reader reader = {};

	prepare_signals(SA_RESTART);
	start_reader(&reader);
	for (long i = 0; i < times; i++)
		interrupt_reader(&reader);
	await_reader(&reader);
	release_reader(&reader);
	end_reader(&reader);
	close(handler_fd);
	say(",\"restarts\":%ld", times);
}

/* cut THREADS HOW: threads of a process sleep in read(2) when it is killed, or ends itself. */
static void cut(long threads, const char *how)
{
	struct reader *readers = calloc(threads, sizeof(*readers));
	int ready[2], status, child;
	char byte;

	sure(pipe2(ready, O_CLOEXEC), "make a pipe");
	child = sure(fork(), "fork");
	if (!child) {
		for (long i = 0; i < threads; i++)
			start_reader(&readers[i]);
		for (long i = 0; i < threads; i++)
			await_reader(&readers[i]);
		sure(write(ready[1], "x", 1), "say that all is ready");
		while (strcmp(how, "exit"))
			pause();
		_exit(0);
	}
	unwatched_read(ready[0], &byte, 1);
	if (strcmp(how, "exit"))
		kill(child, SIGKILL);
	sure(waitpid(child, &status, 0), "wait for a process");
	close(ready[0]);
	close(ready[1]);
	free(readers);
	say(",\"cut\":%ld", threads);
}

/* crowd THREADS REPEATS: none of them returns from read(2) before all are there; then they make calls at once. */
static void crowd(long threads, long repeats)
{
	struct reader *readers = calloc(threads, sizeof(*readers));
	char *stacks = new_stacks(threads);
	int pipe[2];

	sure(pipe2(pipe, O_CLOEXEC), "make a pipe");
	for (long i = 0; i < threads; i++) {
		readers[i] = (struct reader){ .pipe = { pipe[0], pipe[1] }, .repeats = repeats };
		start_thread(&readers[i].thread, stacks + i * STACK_SIZE, run_reader, &readers[i]);
	}
	await_reader(&readers[threads - 1]);
	for (long i = 0; i < threads; i++)
		release_reader(&readers[i]);
	for (long i = 0; i < threads; i++)
		pthread_join(readers[i].thread, NULL);
	close(pipe[0]);
	close(pipe[1]);
	munmap(stacks, threads * STACK_SIZE);
	free(readers);
}

/*
 * delay MS TIMES: reads that end when a byte comes after so many milliseconds. For each the least and the most
 * nanoseconds that it can have taken: from when it was seen asleep until before the write, and by the
 * reader's own clock.
 */
static void delay(long ms, long times)
{
	say(",\"bounds\":[");
	for (long i = 0; i < times; i++) {
		struct reader reader = {};
		long asleep_ns, least_ns;

		start_reader(&reader);
		await_reader(&reader);
		asleep_ns = now_ns();
		nap(ms);
		least_ns = now_ns() - asleep_ns;
		release_reader(&reader);
		end_reader(&reader);
		say("%s[%ld,%ld]", i ? "," : "", least_ns, reader.after_ns - reader.before_ns);
	}
	say("]");
}

/* slow TIMES: preads that copy so much that they take their time; for each the most that it can have taken. */
static void slow(long times)
{
	size_t size = 8 << 20;
	int fd = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");
	char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	say(",\"bounds\":[");
	for (long i = 0; i < times; i++) {
		long before_ns = now_ns();

		do_pread(fd, buffer, size >> i % 12, 0);
		say("%s[0,%ld]", i ? "," : "", now_ns() - before_ns);
	}
	say("]");
	munmap(buffer, size);
	close(fd);
}

static void *run_storm(void *argument)
{
	int fd = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");
	char buffer[64];
	long read_calls = 0, pread_calls = 0;

	/* The thread's own count: one that all share would have them take turns. */
	for (long i = *(long *)argument; i > 0; i--) {
		read_calls += syscall(SYS_read, fd, buffer, 1) == 1;
		pread_calls += syscall(SYS_pread64, fd, buffer, 1, 0L) == 1;
	}
	close(fd);
	add(&counts->read.calls, read_calls);
	add(&counts->read.bytes, read_calls);
	add(&counts->pread.calls, pread_calls);
	add(&counts->pread.bytes, pread_calls);
	return NULL;
}

/* storm PROCESSES THREADS REPEATS: reads and preads on all processors as fast as they can be made. */
static void storm(long processes, long threads, long repeats)
{
	for (long process = 0; process < processes; process++) {
		pthread_t *all;
		char *stacks;

		if (sure(fork(), "fork"))
			continue;
		all = calloc(threads, sizeof(*all));
		stacks = new_stacks(threads);
		for (long i = 0; i < threads; i++)
			start_thread(&all[i], stacks + i * STACK_SIZE, run_storm, &repeats);
		for (long i = 0; i < threads; i++)
			pthread_join(all[i], NULL);
		_exit(0);
	}
	for (long process = 0; process < processes; process++) {
		int status;

		sure(wait(&status), "wait for a process");
		if (status)
			die("go on: a process failed");
	}
}
