// SPDX-License-Identifier: Apache-2.0
/* A number that is too large for its variable. */
#include "test_helpers.h"

extern __s8 CONFIG_HZ __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_HZ;
}

LICENSED;
