// SPDX-License-Identifier: Apache-2.0
/* A number where the variable is a text. */
#include "test_helpers.h"

extern char CONFIG_HZ[8] __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_HZ[0];
}

LICENSED;
