// SPDX-License-Identifier: Apache-2.0
/* A static function among programs, where only programs may be: nothing of the object can be loaded. */
#include "test_helpers.h"

__attribute__((section("tc"), noinline)) static int not_a_program(int value)
{
	return value - 1;
}

SEC("tc")
int caller(int *ctx)
{
	return not_a_program(ctx[0]) + not_a_program(20);
}

LICENSED;
