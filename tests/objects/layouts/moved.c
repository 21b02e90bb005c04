// SPDX-License-Identifier: Apache-2.0
/* Fields and bit-fields at other places and in another order, bit-fields of other widths. */
#include "layout.h"

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
};

enum lay_mode { LAY_MODE_A, LAY_MODE_B };
enum lay_signed_mode { LAY_SIGNED_MODE_A = -1, LAY_SIGNED_MODE_B };

struct lay_enum_bits {
	int before : 3;
	enum lay_signed_mode signed_plain : 7;
	enum lay_mode plain : 2;
	enum lay_signed_mode signed_mode;
	enum lay_mode mode;
};

struct lay_bits_changed {
	int signed_to_bits : 11;
	unsigned int to_bits : 15;
	unsigned int to_field;
	int signed_to_field;
};

struct lay_sizes {
	char before[40000 - 8192];
	void *pointer;
	__s64 s64;
	__s32 s32;
	__s16 s16;
	__s8 s8;
	__u64 u64;
	__u32 u32;
	__u16 u16;
	__u8 u8;
	unsigned char character;
	bool truth;
};

struct lay_size_mixed {
	struct {
		long zero;
		int one;
	} inner;
	int to_signed;
	__u32 to_unsigned;
	unsigned long to_integer;
	void *to_pointer;
	enum lay_mode to_enumeration;
	double fraction;
	int array[30];
};

struct lay_element {
	long before;
	int d;
	char middle;
	char c;
};

struct lay_arrays {
	int *pointers[9];
	struct lay_element d[4][3];
	struct lay_element c[4];
	char b[3][5][6];
	int a[9];
	struct lay_element f[];
};

struct lay_array_of_one {
	long after;
	struct lay_element e[2];
	long before;
};

struct lay_array_of_none {
	struct lay_element e[4];
	int count;
};

struct lay_anonymous {
	struct {
		union {
			struct {
				long padding;
				int deeper;
			};
			struct {
				long padding2;
				char deeper_bytes[4];
			};
			long overlay;
		};
		int deep;
	};
	struct {
		int zero;
		int named_in_anonymous;
	} named;
	int first;
};

typedef struct {
	int x, y;
} lay_point;

typedef lay_point lay_point_of_point;

union lay_overlay {
	struct {
		long before;
		int whole;
	};
	char parts[40];
};

struct lay_modifiers {
	lay_point *restrict_me;
	const volatile lay_point *pointer;
	const lay_point point;
	int constant;
};

enum lay_enum { LAY_SECOND = 101, LAY_FIRST = 333 };
enum lay_negative { LAY_PLUS = 6, LAY_MINUS_MANY = -7, LAY_MINUS_ONE = -8 };
enum lay_unsigned { LAY_HIGH_BIT = 0x90000000u, LAY_ALL_BITS = 1 };
enum lay_big { LAY_BIG = 0xfedcba9876543210ULL };
enum lay_big_negative { LAY_BIG_MINUS = -0x123456789abLL, LAY_BIG_ZERO = 0 };
enum lay_grows { LAY_GROWS = 0x7000000007ULL };
enum lay_shrinks { LAY_SHRINKS = 9 };
typedef enum { LAY_TYPEDEF_ONE = 21, LAY_TYPEDEF_TWO } lay_enum_typedef;

struct lay_struct {
	char b;
	long more[4];
	int a;
};

union lay_union {
	int a;
	char b;
};

enum lay_type_enum { LAY_TYPE_ZERO, LAY_TYPE_TWO = 9, LAY_TYPE_ONE };
enum lay_type_enum64 { LAY_TYPE_BIG = 0x100000000ULL };

typedef struct {
	long y;
	int x;
} lay_typedef_struct;

typedef int lay_typedef_int;
typedef int *lay_typedef_pointer;
typedef void *lay_typedef_void_pointer;
typedef int (*lay_typedef_function)(struct lay_struct *, int);
typedef int (lay_typedef_prototype)(long, char *);
typedef char lay_typedef_array[30];
typedef enum { LAY_TYPEDEF_ENUMERATOR } lay_typedef_enum;
typedef lay_typedef_struct lay_typedef_of_typedef;

union lay_becomes_union {
	int x;
};

struct lay_forward {
	int now_complete;
};
struct lay_holds_forward {
	struct lay_forward *forward;
	int x;
};

struct lay_subset {
	long more;
	int values[3];
	struct lay_struct *pointer;
	int kept;
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

HOLD(union lay_becomes_union, becomes_union);
HOLD(lay_point_of_point, point_of_point);
HOLD(union lay_overlay, overlay);
HOLD_ALL;
