// SPDX-License-Identifier: Apache-2.0
/*
 * For LD_PRELOAD: the wall clock of one process, that many seconds ahead of the machine's as the file that
 * KTM_CLOCK_SHIFT names says at the moment. Monotonic clocks stay as they are, as they do when a clock is set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t *shift;

__attribute__((constructor)) static void open_shift(void)
{
	const char *path = getenv("KTM_CLOCK_SHIFT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *start = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);

	if (start != MAP_FAILED)
		shift = start;
	if (fd >= 0)
		close(fd);
}

static int64_t ahead(void)
{
	return shift ? __atomic_load_n(shift, __ATOMIC_ACQUIRE) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, time);
	if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		time->tv_sec += ahead();
	return result;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone)
{
	struct timespec time;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &time);
	value->tv_sec = time.tv_sec;
	value->tv_usec = time.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *value)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (value)
		*value = now.tv_sec;
	return now.tv_sec;
}
