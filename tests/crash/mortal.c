// SPDX-License-Identifier: Apache-2.0
/*
 * A target that reads as often as it is told, counts its own calls, and dies as it is told.
 *
 * Orders and counts are in a file that each life maps, so that they outlive the process: struct ledger. It makes no
 * other calls of the watched kinds, and needs no library that would.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* As in ledger.ts. */
#define MOST_LIVES 1000

enum order { LIVE, SEGV, EXIT, HOG };

struct life {
	/* Calls of read(2), of one byte each, that may be made, that have begun, and that have returned. */
	uint64_t allowed;
	uint64_t begun;
	uint64_t done;
	/* enum order. */
	uint64_t order;
	/* In its own PID namespace; set when the rest is as it should be. */
	uint64_t pid;
};

struct ledger {
	/* How many processes have begun. */
	uint64_t lives;
	/* Nanoseconds between two calls, of each life. */
	uint64_t rest;
	/* What a life may read unless its own row says more. */
	uint64_t allowed;
	uint64_t unused;
	struct life life[MOST_LIVES];
};

static void die(const char *what)
{
	fprintf(stderr, "Cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t look(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void set(uint64_t *at, uint64_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static void rest(uint64_t ns)
{
	struct timespec time = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&time, NULL);
}

static char *memory(size_t size, int protection)
{
	char *start = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		die("get memory");
	return start;
}

/* Far above every limit of the tests, and no more: without one it would be the machine's memory. */
#define MOST_MIB 256

/* Until the OOM killer comes: a page that is touched counts. */
static void hog(void)
{
	const size_t size = 1 << 20;

	for (int mib = 0; mib < MOST_MIB; mib++) {
		char *start = memory(size, PROT_READ | PROT_WRITE);

		for (size_t at = 0; at < size; at += 4096)
			start[at] = 1;
	}
	errno = EDQUOT;
	die("be killed");
}

static void obey(uint64_t order)
{
	switch (order) {
	case SEGV:
		*(volatile char *)memory(4096, PROT_NONE) = 1;
		break;
	case EXIT:
		exit(3);
	case HOG:
		hog();
	}
}

int main(int argc, char **argv)
{
	struct ledger *ledger;
	struct life *life;
	uint64_t number;
	char byte;
	int fd, zero;

	if (argc != 2)
		return 2;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("open the ledger");
	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ledger == MAP_FAILED)
		die("map the ledger");
	close(fd);
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (zero < 0)
		die("open /dev/zero");
	number = __atomic_fetch_add(&ledger->lives, 1, __ATOMIC_ACQ_REL);
	if (number >= MOST_LIVES)
		return 4;
	life = &ledger->life[number];
	set(&life->pid, getpid());
	for (;;) {
		uint64_t allowed = look(&life->allowed), common = look(&ledger->allowed);

		obey(look(&life->order));
		if (look(&life->done) < (allowed > common ? allowed : common)) {
			set(&life->begun, life->begun + 1);
			if (syscall(SYS_read, zero, &byte, 1) != 1)
				die("read");
			set(&life->done, life->done + 1);
		}
		rest(look(&ledger->rest));
	}
}
