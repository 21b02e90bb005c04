// SPDX-License-Identifier: Apache-2.0
/*
 * A 32-bit program without a library: it reads a thousand bytes, makes calls whose numbers are those of pread64 and
 * fadvise64 in the 64-bit table, says so on standard error, and waits.
 */
static long call(long number, long first, long second, long third)
{
	long result;

	asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory");
	return result;
}

/* arch/x86/entry/syscalls/syscall_32.tbl */
enum { IA32_READ = 3, IA32_WRITE = 4, IA32_OPEN = 5, IA32_BREAK = 17, IA32_PAUSE = 29, IA32_FCNTL64 = 221 };

void _start(void)
{
	long zero = call(IA32_OPEN, (long)"/dev/zero", 0, 0);
	long done = 0;
	char byte;

	for (int i = 0; i < 1000; i++) {
		done += call(IA32_READ, zero, (long)&byte, 1) == 1;
		call(IA32_BREAK, zero, (long)&byte, 1);
		call(IA32_FCNTL64, zero, 1, 0);
		call(0, 0, 0, 0);
	}
	call(IA32_WRITE, 2, (long)(done == 1000 ? "done\n" : "fail\n"), 5);
	for (;;)
		call(IA32_PAUSE, 0, 0, 0);
}
