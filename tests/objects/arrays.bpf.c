// SPDX-License-Identifier: Apache-2.0
/* Arrays of any depth, flexible arrays, and members without a name on the way. */
#include "test_helpers.h"

struct lay_element {
	char c;
	int d;
};

struct lay_arrays {
	int a[5];
	char b[2][3][4];
	struct lay_element c[3];
	struct lay_element d[1][2];
	int *pointers[4];
	struct lay_element f[];
} __co_re;

struct lay_array_of_one {
	int before;
	struct lay_element e[1];
	int after;
} __co_re;

struct lay_array_of_none {
	int count;
	struct lay_element e[0];
} __co_re;

struct lay_anonymous {
	int first;
	union {
		struct {
			int deep;
			union {
				int deeper;
				char deeper_bytes[4];
			};
		};
		long overlay;
	};
	struct {
		struct {
			int named_in_anonymous;
		} named;
	};
} __co_re;

typedef struct {
	int x, y;
} __co_re lay_point;

typedef lay_point lay_point_of_point;

union lay_overlay {
	int whole;
	char parts[4];
} __co_re;

struct lay_modifiers {
	const volatile int constant;
	volatile lay_point point;
	lay_point *const pointer;
	const lay_point *restrict_me;
} __co_re;

SEC("raw_tp/sys_enter")
int load_elements(__u64 *ctx)
{
	struct lay_arrays *arrays = (void *)ctx[0];

	return arrays->a[0] + arrays->a[2] + arrays->a[4] + arrays->b[1][2][3] + arrays->c[1].c + arrays->c[2].d +
	       arrays->d[0][0].d + arrays->d[0][1].c;
}

SEC("raw_tp/sys_enter")
int load_last_element(__u64 *ctx)
{
	return ((struct lay_arrays *)ctx[0])->a[4];
}

SEC("raw_tp/sys_enter")
int load_pointers(__u64 *ctx)
{
	return *((struct lay_arrays *)ctx[0])->pointers[2];
}

SEC("raw_tp/sys_enter")
int load_flexible(__u64 *ctx)
{
	struct lay_arrays *arrays = (void *)ctx[0];

	return arrays->f[0].c + arrays->f[7].d;
}

SEC("raw_tp/sys_enter")
int load_array_of_one(__u64 *ctx)
{
	struct lay_array_of_one *array = (void *)ctx[0];

	return array->before + array->e[0].d + array->after;
}

SEC("raw_tp/sys_enter")
int load_array_of_none(__u64 *ctx)
{
	struct lay_array_of_none *array = (void *)ctx[0];

	return array->count + array->e[0].d + array->e[2].c;
}

SEC("raw_tp/sys_enter")
int load_array_of_structures(__u64 *ctx)
{
	struct lay_array_of_none *array = (void *)ctx[0];

	return array[0].count + array[2].count;
}

SEC("raw_tp/sys_enter")
int load_anonymous(__u64 *ctx)
{
	struct lay_anonymous *anonymous = (void *)ctx[0];

	return anonymous->first + anonymous->deep + anonymous->deeper + anonymous->deeper_bytes[3] +
	       anonymous->overlay + anonymous->named.named_in_anonymous;
}

SEC("raw_tp/sys_enter")
int load_modified(__u64 *ctx)
{
	struct lay_modifiers *modifiers = (void *)ctx[0];

	return modifiers->constant + modifiers->point.y + (modifiers->pointer != 0) +
	       (modifiers->restrict_me != 0);
}

SEC("raw_tp/sys_enter")
int load_from_typedef(__u64 *ctx)
{
	lay_point *point = (void *)ctx[0];

	return point->x + point->y;
}

SEC("raw_tp/sys_enter")
int load_from_typedef_of_typedef(__u64 *ctx)
{
	const volatile lay_point_of_point *point = (void *)ctx[0];

	return point->y;
}

SEC("raw_tp/sys_enter")
int load_from_union(__u64 *ctx)
{
	union lay_overlay *overlay = (void *)ctx[0];

	return overlay->whole + overlay->parts[3];
}

SEC("raw_tp/sys_enter")
int ask_elements(__u64 *ctx)
{
	return core_offset(core_field(struct lay_arrays, a[3])) + core_exists(core_field(struct lay_arrays, a[4])) +
	       core_exists(core_field(struct lay_arrays, b[1][2])) * 2 +
	       core_size(core_field(struct lay_arrays, b)) + core_size(core_field(struct lay_arrays, c)) +
	       core_size(core_field(struct lay_arrays, d[0])) + core_offset(core_field(struct lay_arrays, d[0][1])) +
	       core_offset(core_field(struct lay_arrays, f)) + core_exists(core_field(struct lay_arrays, f[3].d)) +
	       core_exists(core_field(struct lay_arrays, pointers[3])) * 4;
}

SEC("raw_tp/sys_enter")
int ask_anonymous(__u64 *ctx)
{
	return core_exists(core_field(struct lay_anonymous, deeper)) +
	       core_offset(core_field(struct lay_anonymous, deeper)) +
	       core_size(core_field(struct lay_anonymous, overlay)) +
	       core_exists(core_field(struct lay_anonymous, named.named_in_anonymous)) * 2;
}

LICENSED;
