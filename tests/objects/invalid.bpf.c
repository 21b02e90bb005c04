// SPDX-License-Identifier: Apache-2.0
/* Relocations that contradict the object's own types or instructions, beside one that does not. */
#include "test_helpers.h"

struct lay_array_of_one {
	int before;
	int e[1];
	int after;
} __co_re;

typedef struct {
	int x, y;
} __co_re lay_point;

/* The BTF says that these are unsigned, which libbpf does not look at: it expects a value with its sign. */
enum lay_unsigned {
	LAY_HIGH_BIT = 0x80000000u,
	LAY_ALL_BITS = 0xffffffffu,
};

SEC("raw_tp/sys_enter")
int valid(__u64 *ctx)
{
	return ((struct lay_array_of_one *)ctx[0])->after;
}

SEC("raw_tp/sys_enter")
int past_array(__u64 *ctx)
{
	return core_exists(core_field(struct lay_array_of_one, e[2]));
}

/* An index leads past the name of the type, to a structure that has none to look for. */
SEC("raw_tp/sys_enter")
int nameless(__u64 *ctx)
{
	lay_point *point = (void *)ctx[0];

	return point->y + point[2].x;
}

SEC("raw_tp/sys_enter")
int high_bit(__u64 *ctx)
{
	*(__u64 *)ctx[0] = core_enum_value(enum lay_unsigned, LAY_HIGH_BIT);
	return 0;
}

SEC("raw_tp/sys_enter")
int all_bits(__u64 *ctx)
{
	*(__u64 *)ctx[0] = core_enum_value(enum lay_unsigned, LAY_ALL_BITS);
	return 0;
}

LICENSED;
