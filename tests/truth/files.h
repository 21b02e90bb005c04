/* SPDX-License-Identifier: Apache-2.0 */
/* Files: what is in the page cache, and ways to bring it there and away. */
#pragma once
#include "counted.h"
#include <sys/stat.h>
#include <sys/wait.h>

#define PAGE 4096L

/* include/uapi/linux/mman.h of 6.5, later than the machine's headers */
#define SYS_CACHESTAT 451
struct range {
	unsigned long offset, length;
};
struct cache {
	unsigned long cached, dirty, writeback, evicted, recently_evicted;
};

static int open_file(const char *path, int flags)
{
	/* The time of access would be written to the disk. */
	return sure(open(path, flags | O_NOATIME | O_CLOEXEC, 0600), path);
}

static long pages_of(int fd)
{
	struct stat stat;

	sure(fstat(fd, &stat), "look at a file");
	return (stat.st_size + PAGE - 1) / PAGE;
}

static unsigned char *map_file(int fd, long pages)
{
	void *memory = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		die("map a file");
	return memory;
}

/* create FILE PAGES: a file on the disk and not in the cache. */
static void create(const char *path, long pages)
{
	int fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
	char page[PAGE];

	for (long i = 0; i < pages; i++) {
		memset(page, 'a' + i % 26, PAGE);
		sure(write(fd, page, PAGE), "write a file");
	}
	sure(fsync(fd), "write a file to the disk");
	close(fd);
}

/* 1 if a page is up to date in the cache, or on its way, as far as this kernel tells; exactly with cachestat(2). */
static int is_cached(int fd, unsigned char *memory, long page, int *exact)
{
	struct range range = { page * PAGE, PAGE };
	struct cache cache;
	unsigned char state;

	*exact = !syscall(SYS_CACHESTAT, fd, &range, &cache, 0);
	if (*exact)
		return cache.cached > 0;
	sure(mincore(memory + page * PAGE, PAGE, &state), "look into the cache");
	return state & 1;
}

/* include/uapi/linux/kernel-page-flags.h and Documentation/admin-guide/mm/pagemap.rst */
#define KPF_COMPOUND_TAIL 16
#define PAGEMAP_FRAME ((1UL << 55) - 1)

static long folios_of(volatile unsigned char *memory, long pages, const unsigned char *states)
{
	int pagemap = sure(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "open pagemap");
	int flags_file = sure(open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), "open kpageflags");
	long folios = 0;

	for (long i = 0; i < pages; i++) {
		unsigned long entry = 0, flags = 0;

		if (!(states[i] & 1))
			continue;
		(void)memory[i * PAGE];
		sure(pread(pagemap, &entry, 8, (unsigned long)(memory + i * PAGE) / PAGE * 8), "read pagemap");
		sure(pread(flags_file, &flags, 8, (entry & PAGEMAP_FRAME) * 8), "read kpageflags");
		folios += !(flags >> KPF_COMPOUND_TAIL & 1);
	}
	close(pagemap);
	close(flags_file);
	return folios;
}

/* cached FILE: how many of its pages are in the cache, and in how many folios. */
static void cached(const char *path)
{
	int fd = open_file(path, O_RDONLY);
	long pages = pages_of(fd), resident = 0, folios = 0;

	if (pages > 0) {
		unsigned char *memory = map_file(fd, pages), *states = calloc(pages, 1);

		/* Touching a page would bring those around it, too. */
		madvise(memory, pages * PAGE, MADV_RANDOM);
		sure(mincore(memory, pages * PAGE, states), "look into the cache");
		for (long i = 0; i < pages; i++)
			resident += states[i] & 1;
		folios = folios_of(memory, pages, states);
		munmap(memory, pages * PAGE);
		free(states);
	}
	close(fd);
	say(",\"pages\":%ld,\"folios\":%ld", resident, folios);
}

/* evict FILE: writes it to the disk and takes it out of the cache. */
static void evict(const char *path)
{
	int fd = open_file(path, O_RDWR);

	sure(fsync(fd), "write a file to the disk");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

/* pagewise FILE: a pread for each page, without readahead. */
static void pagewise(const char *path)
{
	int fd = open_file(path, O_RDONLY);
	long pages = pages_of(fd);
	char page[PAGE];

	do_fadvise(fd, POSIX_FADV_RANDOM);
	for (long i = 0; i < pages; i++)
		if (do_pread(fd, page, PAGE, i * PAGE) != PAGE)
			die("read a file");
	close(fd);
}

/* sequential FILE: a read for each page, with readahead; how many of them began with the page not cached. */
static void sequential(const char *path)
{
	int fd = open_file(path, O_RDONLY), exact = 0;
	long pages = pages_of(fd), missing = 0;
	unsigned char *memory = map_file(fd, pages);
	char page[PAGE];

	for (long i = 0; i < pages; i++) {
		missing += !is_cached(fd, memory, i, &exact);
		if (do_read(fd, page, PAGE) != PAGE)
			die("read a file");
	}
	munmap(memory, pages * PAGE);
	close(fd);
	say(",\"missing\":%ld,\"exact\":%s", missing, exact ? "true" : "false");
}

/* overwrite FILE: writes all of its pages, none of which has to be read for it. */
static void overwrite(const char *path)
{
	int fd = open_file(path, O_RDWR);
	long pages = pages_of(fd);
	char page[PAGE];

	memset(page, 'x', PAGE);
	for (long i = 0; i < pages; i++)
		sure(pwrite(fd, page, PAGE, i * PAGE), "write a file");
	close(fd);
}

/* fault FILE: touches all of its pages in memory. */
static void fault(const char *path)
{
	int fd = open_file(path, O_RDONLY);
	long pages = pages_of(fd);
	volatile unsigned char *memory = map_file(fd, pages);

	for (long i = 0; i < pages; i++)
		(void)memory[i * PAGE];
	munmap((void *)memory, pages * PAGE);
	close(fd);
}

/* dontneed FILE */
static void dontneed(const char *path)
{
	int fd = open_file(path, O_RDONLY);

	do_fadvise(fd, POSIX_FADV_DONTNEED);
	close(fd);
}

/* empty FILE: cuts it to nothing. */
static void empty(const char *path)
{
	sure(truncate(path, 0), "truncate a file");
}

/* Bytes that this process has had fetched from disks. */
static long fetched_bytes(void)
{
	char text[512], *line;

	read_file("/proc/self/io", text, sizeof(text));
	line = strstr(text, "\nread_bytes: ");
	return line ? atol(line + strlen("\nread_bytes: ")) : -1;
}

/* pressure FILE PROCS: a new process enters a cgroup and reads the file; how long it lived, and what it fetched. */
static void pressure(const char *path, const char *procs)
{
	static char buffer[128 << 10];
	long before_ns = now_ns();
	int status, child;

	counts->fetched = 0;
	child = sure(fork(), "fork");

	if (!child) {
		int fd = sure(open(procs, O_WRONLY | O_CLOEXEC), procs);
		long rest;

		sure(write(fd, "0", 1), "enter a cgroup");
		fd = open_file(path, O_RDONLY);
		/* Not beyond the end: 5.10 would add a page for that. */
		for (rest = pages_of(fd) * PAGE; rest > 0; rest -= sizeof(buffer))
			do_read(fd, buffer, sizeof(buffer));
		counts->fetched = fetched_bytes();
		_exit(0);
	}
	sure(waitpid(child, &status, 0), "wait for a process");
	if (status)
		die("go on: a process failed");
	say(",\"wall_ns\":%ld,\"fetched\":%ld", now_ns() - before_ns, counts->fetched);
}
