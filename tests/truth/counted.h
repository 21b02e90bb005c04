/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls of the watched kind that count themselves, and ways to work without making any.
 *
 * The counts lie in memory that forked processes share.
 */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ADVICE_KINDS 7

struct calls {
	long calls;
	long bytes;
	long errors;
};

struct counts {
	struct calls read;
	struct calls pread;
	long again; /* EAGAIN, of either kind */
	long compat_reads; /* that read a byte */
	long fadvise_calls;
	long fadvise_success;
	/* POSIX_FADV_NORMAL..NOREUSE of Linux, then everything else */
	long fadvise_advice[ADVICE_KINDS];
	long fetched;
	struct calls writes; /* to files */
	struct calls syncs[3]; /* fsync, fdatasync, sync_file_range */
};

static struct counts *counts;

static inline void add(long *counter, long amount)
{
	__atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}

static inline long counted(struct calls *calls, long result)
{
	if (result < 0 && errno == EAGAIN) {
		add(&counts->again, 1);
	} else if (result < 0) {
		add(&calls->errors, 1);
	} else {
		add(&calls->calls, 1);
		add(&calls->bytes, result);
	}
	return result;
}

static inline long do_read(int fd, void *buffer, size_t size)
{
	return counted(&counts->read, syscall(SYS_read, fd, buffer, size));
}

static inline long do_pread(int fd, void *buffer, size_t size, off_t offset)
{
	return counted(&counts->pread, syscall(SYS_pread64, fd, buffer, size, offset));
}

static inline long do_fadvise(int fd, int advice)
{
	long result = syscall(SYS_fadvise64, fd, 0L, 0L, advice);

	add(&counts->fadvise_calls, 1);
	add(&counts->fadvise_success, result == 0);
	add(&counts->fadvise_advice[advice >= 0 && advice < ADVICE_KINDS ? advice : ADVICE_KINDS - 1], 1);
	return result;
}

/* Ends the program with a reason: the test then fails. */
static void __attribute__((noreturn)) die(const char *what)
{
	dprintf(STDERR_FILENO, "Cannot %s: %s\n", what, strerror(errno));
	_exit(1);
}

static inline long sure(long result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static inline long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static inline void nap(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* readv(2) and write(2) are calls that nobody watches. */
static inline long unwatched_read(int fd, char *buffer, size_t size)
{
	struct iovec part = { buffer, size };

	return readv(fd, &part, 1);
}

/* What a small file of /proc says. */
static inline void read_file(const char *path, char *text, size_t size)
{
	int fd = sure(open(path, O_RDONLY | O_CLOEXEC), path);
	long length = unwatched_read(fd, text, size - 1);

	text[length > 0 ? length : 0] = 0;
	close(fd);
}

/* Waits until a thread of a process sleeps inside of a system call. */
static inline void await_blocked(int process, int thread, long call)
{
	char path[64], text[256], *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", process, thread);
	for (;;) {
		read_file(path, text, sizeof(text));
		if (strtol(text, &end, 10) == call && end != text)
			return;
		nap(1);
	}
}

static char answer[65536];
static size_t answer_length;

/* Adds to what is answered: members of a JSON object. */
static inline void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	answer_length += vsnprintf(answer + answer_length, sizeof(answer) - answer_length, format, args);
	va_end(args);
}
