// SPDX-License-Identifier: Apache-2.0
/* The layout that the programs themselves have. */
#include "layout.h"

struct lay_bits {
	unsigned int u1 : 1;
	unsigned int u3 : 3;
	unsigned int u7 : 7;
	unsigned int u13 : 13;
	unsigned int u32;
	int s1 : 1;
	int s5 : 5;
	int s12 : 12;
	int s31 : 31;
	__u64 u33 : 33;
	__u64 u20 : 20;
	__u64 u63 : 63;
	__s64 s40 : 40;
	__s64 s64;
	unsigned char byte : 4;
	unsigned char rest : 4;
	__s8 nibble : 4;
	__u16 half : 9;
	__s16 signed_half : 11;
	bool flag : 1;
	bool whole;
};

enum lay_mode { LAY_MODE_A, LAY_MODE_B };
enum lay_signed_mode { LAY_SIGNED_MODE_A = -1, LAY_SIGNED_MODE_B };

struct lay_enum_bits {
	enum lay_mode mode : 4;
	enum lay_signed_mode signed_mode : 4;
	enum lay_mode plain;
	enum lay_signed_mode signed_plain;
};

struct lay_bits_changed {
	unsigned int to_field : 9;
	unsigned int to_bits;
	int signed_to_field : 17;
	int signed_to_bits;
};

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
};

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
};

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
};

struct lay_array_of_one {
	int before;
	struct lay_element e[1];
	int after;
};

struct lay_array_of_none {
	int count;
	struct lay_element e[0];
};

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
};

typedef struct {
	int x, y;
} lay_point;

typedef lay_point lay_point_of_point;

union lay_overlay {
	int whole;
	char parts[4];
};

struct lay_modifiers {
	const volatile int constant;
	volatile lay_point point;
	lay_point *const pointer;
	const lay_point *restrict_me;
};

enum lay_enum { LAY_FIRST = 1, LAY_SECOND, LAY_GONE };
enum lay_negative { LAY_MINUS_ONE = -1, LAY_MINUS_MANY = -2000000000, LAY_PLUS = 5 };
enum lay_unsigned { LAY_HIGH_BIT = 0x80000000u, LAY_ALL_BITS = 0xffffffffu };
enum lay_big { LAY_BIG = 0x1ffffffffULL, LAY_BIG_GONE = 0x7ffffffffULL };
enum lay_big_negative { LAY_BIG_MINUS = -0x1ffffffffLL, LAY_BIG_ZERO = 0 };
enum lay_grows { LAY_GROWS = 7 };
enum lay_shrinks { LAY_SHRINKS = 0x700000000ULL };
typedef enum { LAY_TYPEDEF_ONE = 11, LAY_TYPEDEF_TWO } lay_enum_typedef;

struct lay_struct {
	int a;
	char b;
};

union lay_union {
	int a;
	char b;
};

enum lay_type_enum { LAY_TYPE_ONE = 1, LAY_TYPE_TWO };
enum lay_type_enum64 { LAY_TYPE_BIG = 0x100000000ULL };

typedef struct {
	int x;
} lay_typedef_struct;

typedef int lay_typedef_int;
typedef int *lay_typedef_pointer;
typedef void *lay_typedef_void_pointer;
typedef int (*lay_typedef_function)(struct lay_struct *, int);
typedef int (lay_typedef_prototype)(long, char *);
typedef char lay_typedef_array[20];
typedef enum { LAY_TYPEDEF_ENUMERATOR } lay_typedef_enum;
typedef lay_typedef_struct lay_typedef_of_typedef;

struct lay_gone {
	int x;
};

struct lay_becomes_union {
	int x;
};

struct lay_forward;
struct lay_holds_forward {
	struct lay_forward *forward;
	int x;
};

struct lay_subset {
	int kept;
	struct lay_struct *pointer;
	int values[3];
};

struct lay_matching_pointers {
	struct lay_struct *one;
	union lay_union *two;
	enum lay_type_enum *three;
};

struct lay_function_pointers {
	int (*open)(struct lay_struct *, int);
	void (*close)(struct lay_struct *);
};

struct lay_anonymous_members {
	union {
		int a;
		struct {
			char b;
		};
	};
};

struct lay_recursive {
	struct lay_recursive *self;
	int value;
};

HOLD(struct lay_gone, gone);
HOLD(struct lay_becomes_union, becomes_union);
HOLD(lay_point_of_point, point_of_point);
HOLD(union lay_overlay, overlay);
HOLD_ALL;
