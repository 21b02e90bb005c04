// SPDX-License-Identifier: Apache-2.0
/* Fields that are too far away for the offset of an instruction, and one that is just within reach. */
#include "../test_helpers.h"

struct lay_sizes {
	char before[32760];
	__u32 u32;
	__u16 u16;
	__u8 u8;
	__u8 just_within;
	__u64 u64;
	void *pointer;
};

struct lay_bits {
	char before[40000];
	unsigned int u1 : 1;
	int s12 : 12;
	unsigned int u13 : 13;
};

struct lay_sizes *hold_sizes;
struct lay_bits *hold_bits;
