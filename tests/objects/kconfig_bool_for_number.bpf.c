// SPDX-License-Identifier: Apache-2.0
/* A number where the variable is a truth value. */
#include "test_helpers.h"

extern bool CONFIG_HZ __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_HZ;
}

LICENSED;
