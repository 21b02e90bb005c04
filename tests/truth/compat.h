/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the 32-bit table of x86-64. */
#pragma once
#include "counted.h"

#define COMPAT_CALLS 4

/*
 * Makes calls by their numbers in the 32-bit table, with the registers of its ABI: a descriptor, and a byte of memory that
 * it can address. What they answer does not matter, but those of one number that return 1 are counted. Elsewhere none.
 */
static void compat_calls(const long numbers[COMPAT_CALLS], int counted, int fd, long times)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (low == MAP_FAILED)
		die("get memory");
	for (long i = 0; i < times; i++)
		for (int at = 0; at < COMPAT_CALLS; at++) {
			long result = numbers[at];

			asm volatile("int $0x80"
				     : "+a"(result)
				     : "b"((long)fd), "c"(low), "d"(1L), "S"(0L), "D"(0L)
				     : "memory", "r8", "r9", "r10", "r11");
			if (at == counted && result == 1)
				add(&counts->compat_reads, 1);
		}
	munmap(low, 4096);
#endif
	say(",\"compat\":%ld", counts->compat_reads);
}
