// SPDX-License-Identifier: Apache-2.0
/* Bit-fields that cross the bounds of their types: only a wider load has all of one. */
#include "../test_helpers.h"

struct lay_bits {
	char before[5];
	bool flag : 1;
	unsigned char byte : 7;
	unsigned char rest : 2;
	__s16 signed_half : 3;
	__u16 half : 16;
	__s8 nibble : 5;
	__s64 s64 : 50;
	__s64 s40 : 10;
	__u64 u63 : 61;
	__u64 u20 : 3;
	__u64 u33 : 34;
	int s31 : 30;
	int s12 : 2;
	int s5 : 20;
	int s1 : 10;
	unsigned int u32 : 31;
	unsigned int u13 : 14;
	unsigned int u7 : 18;
	unsigned int u3 : 32;
	unsigned int u1 : 2;
	bool whole;
} __attribute__((packed));

struct lay_packed {
	__u8 a : 5;
	__u8 b : 6;
	__u16 c : 12;
	__u32 d : 30;
} __attribute__((packed));

struct lay_bits *hold_bits;
struct lay_packed *hold_packed;
