// SPDX-License-Identifier: Apache-2.0
/* A setting that no kernel has: nothing of the object can be loaded. */
#include "test_helpers.h"

extern int CONFIG_NO_SUCH_SETTING __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_NO_SUCH_SETTING;
}

SEC("raw_tp/sys_enter")
int needs_nothing(void *ctx)
{
	return 0;
}

LICENSED;
