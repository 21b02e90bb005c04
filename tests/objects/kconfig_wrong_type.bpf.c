// SPDX-License-Identifier: Apache-2.0
/* A variable of a type that no option has. */
#include "test_helpers.h"

struct option {
	int value;
};

extern struct option CONFIG_HZ __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_HZ.value;
}

LICENSED;
