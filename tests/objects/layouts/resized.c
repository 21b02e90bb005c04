// SPDX-License-Identifier: Apache-2.0
/* Integers of other sizes, most of them wider; types that are of another kind. */
#include "layout.h"

struct lay_bits {
	__u64 u1 : 1;
	unsigned int u3 : 3;
	unsigned int u7 : 7;
	unsigned int u13 : 13;
	__u64 u32;
	int s1 : 1;
	unsigned int s5 : 5;
	int s12 : 12;
	int s31 : 31;
	__u64 u33 : 33;
	__u64 u20 : 20;
	__u64 u63 : 63;
	__s64 s40 : 40;
	__s16 s64;
	int byte : 4;
	unsigned char rest : 4;
	__s8 nibble : 4;
	__u16 half : 9;
	__s16 signed_half : 11;
	bool flag : 1;
	__u64 whole;
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
	unsigned char to_field;
	__u64 to_bits : 5;
	__s64 signed_to_field;
	int signed_to_bits;
};

struct lay_sizes {
	__u64 u8;
	__u32 u16;
	__u64 u32;
	__u8 u64;
	__s64 s8;
	__s32 s16;
	__s64 s32;
	__s8 s64;
	const char *pointer;
	__u16 character;
	__u32 truth;
};

struct lay_size_mixed {
	__s64 to_signed;
	__u64 to_unsigned;
	__u32 to_integer;
	__u16 to_pointer;
	enum { LAY_WIDE = 0x100000000ULL } to_enumeration;
	int fraction;
	long array[3];
	union {
		int zero;
		unsigned int one;
	} inner;
};

struct lay_element {
	char c;
	int d;
};

struct lay_arrays {
	long a[3];
	char b[2][3];
	struct lay_element *c[3];
	struct lay_element d[1][2];
	int *pointers[4];
	struct lay_element f[2];
};

struct lay_array_of_one {
	int before;
	struct lay_element e;
	int after;
};

struct lay_array_of_none {
	int count;
	struct lay_element e[0];
};

struct lay_anonymous {
	int *first;
	struct {
		int deep;
	} named_now;
	union {
		struct {
			unsigned long deeper;
			char deeper_bytes[2];
		};
		struct {
			struct lay_element overlay;
		};
	};
	int named;
};

typedef struct {
	int x, y;
} lay_point;

typedef struct lay_element lay_point_of_point;

union lay_overlay {
	short whole;
	int parts[2];
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
enum lay_big { LAY_BIG = 1, LAY_OTHER_BIG = 0x7ffffffffULL };
enum lay_big_negative { LAY_BIG_MINUS = -1, LAY_BIG_ZERO = 0 };
enum lay_grows { LAY_GROWS = 7, LAY_GROWS_WIDE = 0x1000000000ULL };
enum lay_shrinks { LAY_SHRINKS = -1 };
typedef enum { LAY_TYPEDEF_ONE = 11, LAY_TYPEDEF_TWO } lay_enum_typedef;

struct lay_struct {
	long a;
	char b;
};

union lay_union {
	int a;
	char b;
	long c[3];
};

enum lay_type_enum { LAY_TYPE_ONE = 1, LAY_TYPE_THREE };
enum lay_type_enum64 { LAY_TYPE_BIG = 0x100000000ULL };

typedef struct {
	int x;
} lay_typedef_struct;

typedef long lay_typedef_int;
typedef char *lay_typedef_pointer;
typedef long lay_typedef_void_pointer;
typedef int (*lay_typedef_function)(union lay_union *, int);
typedef int (lay_typedef_prototype)(long);
typedef char lay_typedef_array[20];
typedef enum { LAY_TYPEDEF_ENUMERATOR = 0x100000000ULL } lay_typedef_enum;
typedef union lay_union lay_typedef_of_typedef;

struct lay_becomes_union {
	int x;
};

struct lay_forward;
struct lay_holds_forward {
	struct lay_forward *forward;
	int x;
};

struct lay_subset {
	long kept;
	struct lay_struct *pointer;
	int values[3];
};

struct lay_matching_pointers {
	struct lay_struct *one;
	struct lay_struct *two;
	enum lay_type_enum *three;
};

struct lay_function_pointers {
	int (*open)(struct lay_struct *);
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
	unsigned int value;
};

HOLD(struct lay_becomes_union, becomes_union);
HOLD(lay_point_of_point, point_of_point);
HOLD(union lay_overlay, overlay);
HOLD_ALL;
