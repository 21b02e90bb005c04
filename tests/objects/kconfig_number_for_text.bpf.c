// SPDX-License-Identifier: Apache-2.0
/* A text where the variable is a number. */
#include "test_helpers.h"

extern int CONFIG_CC_VERSION_TEXT __kconfig;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return CONFIG_CC_VERSION_TEXT;
}

LICENSED;
