// SPDX-License-Identifier: Apache-2.0
/* Has a function that another program can take the place of. */
#include "test_helpers.h"

__noinline int answer(int question)
{
	asm volatile("" : "+r"(question));
	return question + 1;
}

SEC("tc")
int ask(void *ctx)
{
	return answer(41);
}

LICENSED;
