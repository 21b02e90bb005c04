// SPDX-License-Identifier: Apache-2.0
/* Fields that are wider or narrower in the target; layouts/ has them so. */
#include "test_helpers.h"

struct lay_sizes {
	__u8 u8;
	__u16 u16;
	__u32 u32;
	__u64 u64;
	__s8 s8;
	__s16 s16;
	__s32 s32;
	__s64 s64;
	void *pointer;
	unsigned char character;
	bool truth;
} __co_re;

struct lay_size_mixed {
	__u32 to_signed;
	int to_unsigned;
	void *to_integer;
	__u64 to_pointer;
	__u32 to_enumeration;
	float fraction;
	int array[3];
	struct {
		int one;
	} inner;
} __co_re;

#define SIZED(name, field)                                                                                        \
	SEC("raw_tp/sys_enter")                                                                                   \
	int load_##name(__u64 *ctx)                                                                               \
	{                                                                                                         \
		return (__u64)((struct lay_sizes *)ctx[0])->field;                                                \
	}                                                                                                         \
	SEC("raw_tp/sys_enter")                                                                                   \
	int store_##name(__u64 *ctx)                                                                              \
	{                                                                                                         \
		((struct lay_sizes *)ctx[0])->field = (typeof(((struct lay_sizes *)0)->field))ctx[1];             \
		return 0;                                                                                         \
	}

SIZED(u8, u8)
SIZED(u16, u16)
SIZED(u32, u32)
SIZED(u64, u64)
SIZED(s8, s8)
SIZED(s16, s16)
SIZED(s32, s32)
SIZED(s64, s64)
SIZED(pointer, pointer)
SIZED(character, character)
SIZED(truth, truth)

SEC("raw_tp/sys_enter")
int store_constants(__u64 *ctx)
{
	struct lay_sizes *sizes = (void *)ctx[0];

	sizes->u8 = 1;
	sizes->u16 = 2;
	sizes->u32 = 3;
	sizes->u64 = 4;
	return 0;
}

SEC("raw_tp/sys_enter")
int ask_sizes(__u64 *ctx)
{
	return core_size(core_field(struct lay_sizes, u8)) + core_size(core_field(struct lay_sizes, u64)) * 2 +
	       core_size(core_field(struct lay_sizes, s16)) * 4 + core_signed(core_field(struct lay_sizes, s32)) +
	       core_size(core_field(struct lay_size_mixed, array)) * 8 +
	       core_size(core_field(struct lay_size_mixed, inner)) * 16 + core_type_size(struct lay_sizes);
}

#define MIXED(field)                                                                                              \
	SEC("raw_tp/sys_enter")                                                                                   \
	int mixed_##field(__u64 *ctx)                                                                             \
	{                                                                                                         \
		return (__u64)((struct lay_size_mixed *)ctx[0])->field;                                           \
	}

MIXED(to_signed)
MIXED(to_unsigned)
MIXED(to_integer)
MIXED(to_pointer)
MIXED(to_enumeration)

SEC("raw_tp/sys_enter")
int mixed_array(__u64 *ctx)
{
	return ((struct lay_size_mixed *)ctx[0])->array[2] + ((struct lay_size_mixed *)ctx[0])->inner.one;
}

SEC("raw_tp/sys_enter")
int mixed_exists(__u64 *ctx)
{
	return core_exists(core_field(struct lay_size_mixed, to_integer)) +
	       core_exists(core_field(struct lay_size_mixed, to_pointer)) * 2 +
	       core_exists(core_field(struct lay_size_mixed, to_enumeration)) * 4 +
	       core_exists(core_field(struct lay_size_mixed, fraction)) * 8 +
	       core_exists(core_field(struct lay_size_mixed, array)) * 16 +
	       core_exists(core_field(struct lay_size_mixed, inner)) * 32;
}

LICENSED;
