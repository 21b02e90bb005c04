// SPDX-License-Identifier: Apache-2.0
/* Symbols without a type: their addresses, as /proc/kallsyms has them. What is weak may be missing. */
#include "test_helpers.h"

extern const void vfs_read __ksym;
extern const void no_such_symbol __ksym __weak;

SEC("raw_tp/sys_enter")
int address(__u64 *ctx)
{
	*(__u64 *)ctx[0] = (__u64)&vfs_read;
	return 0;
}

SEC("raw_tp/sys_enter")
int missing_address(__u64 *ctx)
{
	return &no_such_symbol == 0;
}

LICENSED;
