/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to files and to what is none, and what takes them to the disk. */
#pragma once
#include "compat.h"
#include "counted.h"
#include "files.h"
#include "threads.h"
#include <sys/socket.h>

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

/* Every write of the family with the same bytes, in as many parts as it takes. */
static void write_all(struct calls *calls, int fd, char *bytes, size_t size, off_t offset)
{
	struct iovec parts[2] = { { bytes, size / 2 }, { bytes + size / 2, size - size / 2 } };

	counted(calls, syscall(SYS_write, fd, bytes, size));
	counted(calls, syscall(SYS_pwrite64, fd, bytes, size, offset));
	counted(calls, syscall(SYS_writev, fd, parts, 2));
	counted(calls, syscall(SYS_pwritev, fd, parts, 2, offset, 0L));
	counted(calls, syscall(SYS_pwritev2, fd, parts, 2, offset, 0L, 0));
}

static void sync_all(int fd)
{
	counted(&counts->syncs[0], syscall(SYS_fsync, fd));
	counted(&counts->syncs[1], syscall(SYS_fdatasync, fd));
	counted(&counts->syncs[2], syscall(SYS_sync_file_range, fd, 0L, 0L, 2));
}

/* writes FILE TIMES: to the file, to pipes and to sockets; what fails, too. */
static void writes(const char *path, long times)
{
	int file = open_file(path, O_RDWR | O_CREAT | O_TRUNC), only_read = open_file(path, O_RDONLY);
	struct calls uncounted = {};
	char bytes[1024] = "x", sink[4096];
	int pipe[2], sockets[2];

	sure(pipe2(pipe, O_CLOEXEC | O_NONBLOCK), "make a pipe");
	sure(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), "make sockets");
	for (long i = 0; i < times; i++) {
		write_all(&counts->writes, file, bytes, i % sizeof(bytes), i * 100);
		write_all(&counts->writes, only_read, bytes, 1, 0); /* EBADF, of a file */
		counted(&counts->writes, syscall(SYS_write, file, (void *)1, 1)); /* EFAULT */
		counted(&counts->writes, syscall(SYS_pwrite64, file, bytes, 1, -1L)); /* EINVAL */
		write_all(&uncounted, pipe[1], bytes, 8, 0);
		write_all(&uncounted, sockets[1], bytes, 8, 0);
		write_all(&uncounted, -1, bytes, 8, 0); /* EBADF, of nothing */
		write_all(&uncounted, 1 << 20, bytes, 8, 0); /* beyond the table */
		unwatched_read(pipe[0], sink, sizeof(sink));
		unwatched_read(sockets[0], sink, sizeof(sink));
		if (i % 10 == 0)
			sync_all(file);
		sync_all(pipe[0]); /* EINVAL or ESPIPE */
		sync_all(-1); /* EBADF */
	}
	counts->again = 0; /* those to the file, of which there are none */
	for (int i = 0; i < 2; i++) {
		close(pipe[i]);
		close(sockets[i]);
	}
	close(only_read);
	close(file);
}

/* compat_writes FILE TIMES: calls of the 32-bit table: its write and fsync, and the numbers of the native ones. */
static void compat_writes(const char *path, long times)
{
	/* Numbers of the native table that mean nothing harmful in the other. */
	long numbers[COMPAT_CALLS] = { 4, 118, SYS_pwrite64, SYS_writev };
	int file = open_file(path, O_RDWR | O_CREAT | O_TRUNC);

	compat_calls(numbers, 0, file, times);
	close(file);
}

/* timed_writes FILE TIMES: writes and fsyncs, and for each the most that it can have taken. */
static void timed_writes(const char *path, long times)
{
	int file = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
	size_t size = 1 << 20;
	char *bytes = calloc(size, 1);

	say(",\"bounds\":[");
	for (long i = 0; i < times; i++) {
		long before_ns = now_ns();

		counted(&counts->writes, syscall(SYS_write, file, bytes, size));
		say("%s[0,%ld]", i ? "," : "", now_ns() - before_ns);
	}
	say("],\"sync_bounds\":[");
	for (long i = 0; i < times; i++) {
		long before_ns;

		counted(&counts->writes, syscall(SYS_pwrite64, file, bytes, 1, i));
		before_ns = now_ns();
		counted(&counts->syncs[0], syscall(SYS_fsync, file));
		say("%s[0,%ld]", i ? "," : "", now_ns() - before_ns);
	}
	say("]");
	free(bytes);
	close(file);
}

struct writer {
	pthread_t thread;
	const char *path;
	long repeats;
};

static void *run_writer(void *argument)
{
	struct writer *writer = argument;
	int file = open_file(writer->path, O_RDWR | O_CREAT), pipe[2];
	struct calls own = {}, uncounted = {};
	char bytes[64] = "x", sink[512];

	sure(pipe2(pipe, O_CLOEXEC), "make a pipe");
	for (long i = 0; i < writer->repeats; i++) {
		write_all(&own, file, bytes, 1 + i % 63, 0);
		counted(&uncounted, syscall(SYS_write, pipe[1], bytes, 1));
		unwatched_read(pipe[0], sink, sizeof(sink));
	}
	close(pipe[0]);
	close(pipe[1]);
	close(file);
	add(&counts->writes.calls, own.calls);
	add(&counts->writes.bytes, own.bytes);
	add(&counts->writes.errors, own.errors);
	return NULL;
}

/* write_storm FILE THREADS REPEATS: every call of the family on all processors as fast as they can be made. */
static void write_storm(const char *path, long threads, long repeats)
{
	struct writer *writers = calloc(threads, sizeof(*writers));
	char *stacks = new_stacks(threads);

	for (long i = 0; i < threads; i++) {
		writers[i] = (struct writer){ .path = path, .repeats = repeats };
		start_thread(&writers[i].thread, stacks + i * STACK_SIZE, run_writer, &writers[i]);
	}
	for (long i = 0; i < threads; i++)
		pthread_join(writers[i].thread, NULL);
	munmap(stacks, threads * STACK_SIZE);
	free(writers);
}

/* dirty FILE MEGABYTES: writes so much to a file. */
static void dirty(const char *path, long megabytes)
{
	int file = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
	size_t size = 1 << 20;
	char *bytes = calloc(size, 1);
	long before_ns = now_ns();

	for (long i = 0; i < megabytes; i++)
		counted(&counts->writes, syscall(SYS_write, file, bytes, size));
	say(",\"wall_ns\":%ld", now_ns() - before_ns);
	free(bytes);
	close(file);
}
