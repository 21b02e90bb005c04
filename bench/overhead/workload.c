// SPDX-License-Identifier: Apache-2.0
/*
 * workload CPU FILE
 *
 * For each byte on standard input makes system calls in batches on one CPU, and prints the nanoseconds that
 * one call of each kind took: read(2) of a byte of /dev/zero, pread64(2) of 4 KiB of FILE, getppid(2).
 *
 * The machine may do other work meanwhile: a batch counts only if a loop of arithmetic, timed right before it, was
 * about as fast as ever, that is, if nothing else slowed the processor's core down. The figure is the lower
 * quartile of the batches: one that was interrupted is slower, none is faster.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 20
#define BATCHES 300
/* Batches are tried until this many have been left out. */
#define MOST_LEFT_OUT 2000
#define TOLERANCE 1.04
#define BLOCK 4096

static int zero_fd, file_fd;
static char block[BLOCK];

static long read_byte(void)
{
	return read(zero_fd, block, 1) - 1;
}

static long pread_block(void)
{
	return pread(file_fd, block, BLOCK, 0) - BLOCK;
}

static long get_parent(void)
{
	return syscall(SYS_getppid) < 0;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static int compare(const void *left, const void *right)
{
	double difference = *(const double *)left - *(const double *)right;

	return (difference > 0) - (difference < 0);
}

/* As much as a core does at once, so that it is slower when another shares the core. */
static double arithmetic_ns(void)
{
	unsigned long a = 1, b = 2, c = 3, d = 4;
	double start = now_ns();

	for (int i = 0; i < 1000; i++)
		asm volatile("add $1, %0\n\tadd $1, %1\n\tadd $1, %2\n\tadd $1, %3"
			     : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
	return now_ns() - start;
}

static double fastest_ns = 1e9;

static int is_quiet(void)
{
	double ns = arithmetic_ns();

	if (ns < fastest_ns)
		fastest_ns = ns;
	return ns <= fastest_ns * TOLERANCE;
}

static double measure(long (*call)(void))
{
	double times[BATCHES];
	int left_out = 0;

	for (int batch = 0; batch < BATCHES;) {
		double start;

		if (!is_quiet() && left_out++ < MOST_LEFT_OUT)
			continue;
		start = now_ns();
		for (int i = 0; i < CALLS; i++) {
			if (call() != 0) {
				perror("a call has failed");
				exit(1);
			}
		}
		times[batch++] = (now_ns() - start) / CALLS;
	}
	qsort(times, BATCHES, sizeof(*times), compare);
	return times[BATCHES / 20];
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;
	char byte;

	if (argc != 3)
		return 2;
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[1]), &cpus);
	zero_fd = open("/dev/zero", O_RDONLY);
	file_fd = open(argv[2], O_RDONLY);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || zero_fd < 0 || file_fd < 0) {
		perror("Cannot prepare the workload");
		return 1;
	}
	for (int i = 0; i < BATCHES; i++)
		is_quiet();
	while (read(0, &byte, 1) == 1) {
		printf("%f %f %f\n", measure(read_byte), measure(pread_block), measure(get_parent));
		fflush(stdout);
	}
	return 0;
}
