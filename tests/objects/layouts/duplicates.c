// SPDX-License-Identifier: Apache-2.0
/*
 * Names that several types have. Where all of them give the same answer any will do; where they differ,
 * nobody can say which one the program means.
 */
#include "../test_helpers.h"

/* Two that agree about `u8` and disagree about the others. */
struct lay_sizes___one {
	__u8 u8;
	__u16 u16;
	__u32 u32;
	void *pointer;
};

struct lay_sizes___two {
	__u8 u8;
	__u32 u32;
	__u16 u16;
};

/* Only one of the two has the field. */
struct lay_array_of_one___with {
	int before;
	int after;
};

struct lay_array_of_one___without {
	int something_else;
};

enum lay_enum___one {
	LAY_FIRST___one = 1,
	LAY_SECOND___one = 2,
};

enum lay_enum___two {
	LAY_FIRST___two = 1,
	LAY_SECOND___two = 20,
};

struct lay_struct___one {
	int a;
};

struct lay_struct___two {
	int a;
	int b;
};

struct lay_sizes___one *hold_sizes_one;
struct lay_sizes___two *hold_sizes_two;
struct lay_array_of_one___with *hold_with;
struct lay_array_of_one___without *hold_without;
enum lay_enum___one hold_enum_one;
enum lay_enum___two hold_enum_two;
struct lay_struct___one *hold_struct_one;
struct lay_struct___two *hold_struct_two;
