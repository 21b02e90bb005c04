// SPDX-License-Identifier: Apache-2.0
/* Types that several modules have, the same or not, as in tests/oracle/module_layout.ts. */
#include "test_helpers.h"

/* The same in two modules. */
struct twin_same {
	int field;
} __co_re;

/* At another place in the other module: whichever is meant cannot be told. */
struct twin_moved {
	int field;
	int same;
} __co_re;

/* Of these only one has the field. */
struct twin_partly {
	int field;
} __co_re;

/* The kernel itself has one, so that those of modules do not count. */
struct twin_of_kernel {
	int field;
} __co_re;

enum twin_enum {
	TWIN_SAME = 1000,
	TWIN_OTHER = 1001,
};

/* One has it as a structure, the other as a union. */
struct twin_kind {
	int field;
} __co_re;

extern int twin_function(int value) __ksym __weak;

#define PROGRAM(name, expression)                                                                                 \
	SEC("raw_tp/sys_enter")                                                                                   \
	int name(__u64 *ctx)                                                                                      \
	{                                                                                                         \
		return expression;                                                                                \
	}

PROGRAM(same, core_all(core_field(struct twin_same, field)))
PROGRAM(same_size, core_type_size(struct twin_same))
PROGRAM(same_id, core_id_target(struct twin_same))
PROGRAM(moved, core_offset(core_field(struct twin_moved, field)))
PROGRAM(not_moved, core_offset(core_field(struct twin_moved, same)))
PROGRAM(moved_size, core_type_size(struct twin_moved))
PROGRAM(partly, core_offset(core_field(struct twin_partly, field)) + core_exists(core_field(struct twin_partly, field)))
PROGRAM(of_kernel, core_offset(core_field(struct twin_of_kernel, field)) + core_id_target(struct twin_of_kernel))
PROGRAM(same_value, core_enum_value(enum twin_enum, TWIN_SAME))
PROGRAM(other_value, core_enum_value(enum twin_enum, TWIN_OTHER))
PROGRAM(kind, core_offset(core_field(struct twin_kind, field)) + core_type_exists(struct twin_kind))
PROGRAM(function, twin_function(3))

SEC("fentry/twin_function")
int enter(void *ctx)
{
	return 0;
}

SEC("fentry/lone_function")
int enter_lone(void *ctx)
{
	return 0;
}

LICENSED;
