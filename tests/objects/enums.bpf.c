// SPDX-License-Identifier: Apache-2.0
/* Enumerators: there, with another value, or not there; of 32 and of 64 bits, signed and unsigned. */
#include "test_helpers.h"

enum lay_enum {
	LAY_FIRST = 1,
	LAY_SECOND = 2,
	LAY_GONE = 3,
};

enum lay_negative {
	LAY_MINUS_ONE = -1,
	LAY_MINUS_MANY = -2000000000,
	LAY_PLUS = 5,
};

enum lay_big {
	LAY_BIG = 0x1ffffffffULL,
	LAY_BIG_GONE = 0x7ffffffffULL,
};

enum lay_big_negative {
	LAY_BIG_MINUS = -0x1ffffffffLL,
	LAY_BIG_ZERO = 0,
};

/* 32 bits here, 64 in another layout; and the other way round. */
enum lay_grows {
	LAY_GROWS = 7,
};

enum lay_shrinks {
	LAY_SHRINKS = 0x700000000ULL,
};

typedef enum {
	LAY_TYPEDEF_ONE = 11,
	LAY_TYPEDEF_TWO = 12,
} lay_enum_typedef;

/* The kernel's. */
enum zone_stat_item {
	NR_FREE_PAGES,
	NR_MLOCK = 100,
	NR_VM_ZONE_STAT_ITEMS = 200,
};

enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC,
	BPF_MAP_TYPE_ARENA_LOCAL_ONLY = 77,
	BPF_MAP_TYPE_ARENA = 33,
};

enum node_stat_item {
	NR_ANON_MAPPED = 50,
	NR_FILE_PAGES,
	NR_SHMEM,
};

/* 64 bits wide in the kernel since 5.18 or so, where the compiler can tell. */
enum netdev_priv_flags {
	IFF_802_1Q_VLAN = 1,
	IFF_EBRIDGE = 2,
};

enum no_such_enum {
	NO_SUCH_VALUE = 1,
};

SEC("raw_tp/sys_enter")
int ask_whether_there(__u64 *ctx)
{
	return core_enum_exists(enum lay_enum, LAY_FIRST) + core_enum_exists(enum lay_enum, LAY_GONE) * 2 +
	       core_enum_exists(enum lay_big, LAY_BIG) * 4 + core_enum_exists(enum lay_big, LAY_BIG_GONE) * 8 +
	       core_enum_exists(enum no_such_enum, NO_SUCH_VALUE) * 16 +
	       core_enum_exists(enum lay_negative, LAY_PLUS) * 32 +
	       core_enum_exists(lay_enum_typedef, LAY_TYPEDEF_TWO) * 64;
}

#define VALUE(name, type, enumerator)                                                                             \
	SEC("raw_tp/sys_enter")                                                                                   \
	int value_##name(__u64 *ctx)                                                                              \
	{                                                                                                         \
		*(__u64 *)ctx[0] = core_enum_value(type, enumerator);                                             \
		return 0;                                                                                         \
	}

VALUE(first, enum lay_enum, LAY_FIRST)
VALUE(second, enum lay_enum, LAY_SECOND)
VALUE(gone, enum lay_enum, LAY_GONE)
VALUE(minus_one, enum lay_negative, LAY_MINUS_ONE)
VALUE(minus_many, enum lay_negative, LAY_MINUS_MANY)
VALUE(big, enum lay_big, LAY_BIG)
VALUE(big_gone, enum lay_big, LAY_BIG_GONE)
VALUE(big_minus, enum lay_big_negative, LAY_BIG_MINUS)
VALUE(grows, enum lay_grows, LAY_GROWS)
VALUE(shrinks, enum lay_shrinks, LAY_SHRINKS)
VALUE(by_typedef, lay_enum_typedef, LAY_TYPEDEF_ONE)
VALUE(nowhere, enum no_such_enum, NO_SUCH_VALUE)

SEC("raw_tp/sys_enter")
int kernel_values(__u64 *ctx)
{
	return core_enum_value(enum zone_stat_item, NR_FREE_PAGES) +
	       core_enum_value(enum zone_stat_item, NR_MLOCK) * 3 +
	       core_enum_value(enum zone_stat_item, NR_VM_ZONE_STAT_ITEMS) * 5 +
	       core_enum_value(enum node_stat_item, NR_FILE_PAGES) * 7 +
	       core_enum_value(enum netdev_priv_flags, IFF_EBRIDGE) * 11;
}

SEC("raw_tp/sys_enter")
int kernel_guarded(__u64 *ctx)
{
	if (core_enum_exists(enum bpf_map_type, BPF_MAP_TYPE_ARENA))
		return core_enum_value(enum bpf_map_type, BPF_MAP_TYPE_ARENA);
	return core_enum_exists(enum bpf_map_type, BPF_MAP_TYPE_ARENA_LOCAL_ONLY);
}

LICENSED;
