// SPDX-License-Identifier: Apache-2.0
/* Goes into answer.bpf.c, or into nothing that it has. */
#include "test_helpers.h"

__u64 called;

SEC("freplace/answer")
int other_answer(int question)
{
	return question * 2;
}

SEC("fexit/answer")
int after_answer(__u64 *ctx)
{
	/* The argument and the result. */
	called += ctx[0] * 1000 + ctx[1];
	return 0;
}

SEC("freplace/riddle")
int no_answer(int question)
{
	return question;
}

LICENSED;
