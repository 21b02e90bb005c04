// SPDX-License-Identifier: Apache-2.0
/* A sub-program that no part of the object has: nothing of it can be loaded. */
#include "test_helpers.h"

int defined_elsewhere(int value);

SEC("tc")
int calls_it(int *ctx)
{
	return defined_elsewhere(ctx[0]);
}

LICENSED;
