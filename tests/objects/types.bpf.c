// SPDX-License-Identifier: Apache-2.0
/* Types as a whole: there, of what size, with what id, and whether all of it matches. */
#include "test_helpers.h"

struct lay_struct {
	int a;
	char b;
};

union lay_union {
	int a;
	char b;
};

enum lay_type_enum {
	LAY_TYPE_ONE = 1,
	LAY_TYPE_TWO,
};

enum lay_type_enum64 {
	LAY_TYPE_BIG = 0x100000000ULL,
};

typedef struct {
	int x;
} lay_typedef_struct;

typedef int lay_typedef_int;
typedef int *lay_typedef_pointer;
typedef void *lay_typedef_void_pointer;
typedef int (*lay_typedef_function)(struct lay_struct *, int);
typedef int (lay_typedef_prototype)(long, char *);
typedef char lay_typedef_array[20];
typedef enum {
	LAY_TYPEDEF_ENUMERATOR
} lay_typedef_enum;
typedef lay_typedef_struct lay_typedef_of_typedef;

struct lay_gone {
	int x;
};

/* A structure here, a union there. */
struct lay_becomes_union {
	int x;
};

struct lay_forward;
struct lay_holds_forward {
	struct lay_forward *forward;
	int x;
};

/* Matches if the target has these members, whatever else it has. */
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

struct task_struct {
	int pid;
	char comm[16];
};

struct list_head {
	struct list_head *next, *prev;
};

struct lay_recursive {
	struct lay_recursive *self;
	int value;
};

typedef unsigned int gfp_t;
typedef unsigned long pgoff_t;

SEC("raw_tp/sys_enter")
int exist(__u64 *ctx)
{
	return core_type_exists(struct lay_struct) + core_type_exists(union lay_union) * 2 +
	       core_type_exists(enum lay_type_enum) * 4 + core_type_exists(enum lay_type_enum64) * 8 +
	       core_type_exists(struct lay_gone) * 16 + core_type_exists(struct lay_becomes_union) * 32 +
	       core_type_exists(struct task_struct) * 64 + core_type_exists(struct lay_forward) * 128;
}

SEC("raw_tp/sys_enter")
int exist_typedefs(__u64 *ctx)
{
	return core_type_exists(lay_typedef_struct) + core_type_exists(lay_typedef_int) * 2 +
	       core_type_exists(lay_typedef_pointer) * 4 + core_type_exists(lay_typedef_void_pointer) * 8 +
	       core_type_exists(lay_typedef_function) * 16 + core_type_exists(lay_typedef_prototype) * 32 +
	       core_type_exists(lay_typedef_array) * 64 + core_type_exists(lay_typedef_enum) * 128 +
	       core_type_exists(lay_typedef_of_typedef) * 256 + core_type_exists(gfp_t) * 512 +
	       core_type_exists(pgoff_t) * 1024;
}

SEC("raw_tp/sys_enter")
int sizes(__u64 *ctx)
{
	return core_type_size(struct lay_struct) + core_type_size(union lay_union) * 2 +
	       core_type_size(enum lay_type_enum) * 4 + core_type_size(enum lay_type_enum64) * 8 +
	       core_type_size(struct lay_gone) * 16 + core_type_size(lay_typedef_struct) * 32 +
	       core_type_size(lay_typedef_pointer) * 64 + core_type_size(lay_typedef_array) * 128 +
	       core_type_size(lay_typedef_enum) * 256 + core_type_size(struct task_struct) * 512 +
	       core_type_size(lay_typedef_function) * 1024 + core_type_size(gfp_t) * 2048;
}

SEC("raw_tp/sys_enter")
int ids_here(__u64 *ctx)
{
	return core_id_local(struct lay_struct) + core_id_local(lay_typedef_function) * 3 +
	       core_id_local(enum lay_type_enum) * 5 + core_id_local(struct lay_gone) * 7 + core_id_local(int) * 11 +
	       core_id_local(struct lay_struct *) * 13;
}

SEC("raw_tp/sys_enter")
int ids_there(__u64 *ctx)
{
	return core_id_target(struct lay_struct) + core_id_target(union lay_union) * 3 +
	       core_id_target(enum lay_type_enum) * 5 + core_id_target(lay_typedef_prototype) * 7 +
	       core_id_target(struct task_struct) * 11 + core_id_target(struct list_head) * 13 + core_id_target(int) * 17;
}

SEC("raw_tp/sys_enter")
int id_of_missing(__u64 *ctx)
{
	return core_id_target(struct lay_gone);
}

#define MATCHES(name, type)                                                                                       \
	SEC("raw_tp/sys_enter")                                                                                   \
	int match_##name(__u64 *ctx)                                                                              \
	{                                                                                                         \
		return core_type_matches(type);                                                                   \
	}

MATCHES(struct, struct lay_struct)
MATCHES(union, union lay_union)
MATCHES(enum, enum lay_type_enum)
MATCHES(enum64, enum lay_type_enum64)
MATCHES(gone, struct lay_gone)
MATCHES(becomes_union, struct lay_becomes_union)
MATCHES(subset, struct lay_subset)
MATCHES(pointers, struct lay_matching_pointers)
MATCHES(functions, struct lay_function_pointers)
MATCHES(anonymous, struct lay_anonymous_members)
MATCHES(recursive, struct lay_recursive)
MATCHES(forward, struct lay_holds_forward)
MATCHES(typedef_struct, lay_typedef_struct)
MATCHES(typedef_int, lay_typedef_int)
MATCHES(typedef_pointer, lay_typedef_pointer)
MATCHES(typedef_function, lay_typedef_function)
MATCHES(typedef_prototype, lay_typedef_prototype)
MATCHES(typedef_array, lay_typedef_array)
MATCHES(typedef_enum, lay_typedef_enum)
MATCHES(task, struct task_struct)
MATCHES(list_head, struct list_head)
MATCHES(gfp, gfp_t)

LICENSED;
