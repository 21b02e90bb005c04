// SPDX-License-Identifier: Apache-2.0
/*
 * A process with threads that do what is asked for on standard input, a command a line; it says "done" after each
 * on standard error, and ends with its input.
 *
 *   idle N            N threads that do nothing
 *   burn N MS         N threads that each take MS of processor time and end
 *   spin N            N threads that take all they can get, until "rest"
 *   rest              those end
 *   read N            N threads in a read that does not return, until "release"
 *   block N           N threads that wait uninterruptibly, until "release"
 *   release           those end
 *   fault FILE        each page of a file is touched that is in no cache
 *   write FILE BYTES  written and synced, by a thread that ends
 *   stay              nothing more, not even reading commands
 *   usage             says "usage NANOSECONDS FAULTS": processor time by the process's clock, major faults
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_t threads[8192];
static int started;
static int held[2];
static _Atomic int is_resting, waiting;
static char *path;
static long amount;

static void check(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	exit(1);
}

static long long now_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void start(long count, void *(*run)(void *))
{
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (long i = 0; i < count; i++)
		check(pthread_create(&threads[started++], &small, run, NULL), "pthread_create");
}

static void join(int from)
{
	while (started > from)
		pthread_join(threads[--started], NULL);
}

static void *do_nothing(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *burn(void *unused)
{
	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < amount * 1000000LL)
		;
	return unused;
}

static void *spin(void *unused)
{
	while (!is_resting)
		;
	return unused;
}

static void *read_held(void *unused)
{
	char byte;

	waiting++;
	check(read(held[0], &byte, 1) < 0, "read");
	return unused;
}

/* A thread that waits for a child of vfork() is in uninterruptible sleep. */
static void *block(void *unused)
{
	char byte;
	pid_t child;

	waiting++;
	child = vfork();
	if (child == 0) {
		close(held[1]);
		_exit(read(held[0], &byte, 1) != 0);
	}
	waitpid(child, NULL, 0);
	return unused;
}

static void *write_file(void *unused)
{
	static char block[65536];
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(file < 0, path);
	for (long left = amount; left > 0; left -= sizeof(block))
		check(write(file, block, sizeof(block)) != sizeof(block), "write");
	check(fsync(file), "fsync");
	close(file);
	return unused;
}

static void fault(void)
{
	int file = open(path, O_RDONLY);
	struct stat status;
	volatile char *pages;

	check(file < 0 || fstat(file, &status) < 0, path);
	check(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), "posix_fadvise");
	pages = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, file, 0);
	check(pages == MAP_FAILED, "mmap");
	check(madvise((void *)pages, status.st_size, MADV_RANDOM), "madvise");
	for (long at = 0; at < status.st_size; at += 4096)
		(void)pages[at];
	munmap((void *)pages, status.st_size);
	close(file);
}

static void usage(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	fprintf(stderr, "usage %lld %ld\n", now_ns(CLOCK_PROCESS_CPUTIME_ID), usage.ru_majflt);
}

int main(void)
{
	static char line[4096];
	int first_held = 0, first_spinning = 0;
	long count;

	while (fgets(line, sizeof(line), stdin)) {
		char *word = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");

		count = first ? atol(first) : 0;
		amount = second ? atol(second) : 0;
		path = first;
		if (!strcmp(word, "idle"))
			start(count, do_nothing);
		if (!strcmp(word, "burn")) {
			int before = started;

			start(count, burn);
			join(before);
		}
		if (!strcmp(word, "spin")) {
			first_spinning = started;
			start(count, spin);
		}
		if (!strcmp(word, "rest")) {
			is_resting = 1;
			join(first_spinning);
		}
		if (!strcmp(word, "read") || !strcmp(word, "block")) {
			if (!waiting) {
				first_held = started;
				check(pipe(held), "pipe");
			}
			start(count, *word == 'r' ? read_held : block);
		}
		if (!strcmp(word, "release")) {
			close(held[1]);
			join(first_held);
			waiting = 0;
		}
		if (!strcmp(word, "fault"))
			fault();
		if (!strcmp(word, "write")) {
			start(1, write_file);
			join(started - 1);
		}
		if (!strcmp(word, "stay"))
			do_nothing(NULL);
		if (!strcmp(word, "usage"))
			usage();
		fprintf(stderr, "done\n");
	}
	return 0;
}
