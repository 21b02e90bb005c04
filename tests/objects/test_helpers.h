/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only test objects need: more kinds of maps, helpers and externs, and every CO-RE built-in. Numbers:
 * include/uapi/linux/bpf.h of Linux; kinds of CO-RE relocations: enum bpf_core_relo_kind there.
 */
#pragma once

#include "bpf_helpers.h"

typedef signed char __s8;
typedef short __s16;

#define NULL ((void *)0)
#define __noinline __attribute__((noinline))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __kconfig __attribute__((section(".kconfig")))
#define __ksym __attribute__((section(".ksyms")))
#define __array(name, value) typeof(value) *name[]

/* enum bpf_map_type */
#define BPF_MAP_TYPE_PROG_ARRAY 3
#define BPF_MAP_TYPE_PERF_EVENT_ARRAY 4
#define BPF_MAP_TYPE_PERCPU_HASH 5
#define BPF_MAP_TYPE_STACK_TRACE 7
#define BPF_MAP_TYPE_CGROUP_ARRAY 8
#define BPF_MAP_TYPE_LRU_PERCPU_HASH 10
#define BPF_MAP_TYPE_LPM_TRIE 11
#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12
#define BPF_MAP_TYPE_HASH_OF_MAPS 13
#define BPF_MAP_TYPE_DEVMAP 14
#define BPF_MAP_TYPE_SOCKMAP 15
#define BPF_MAP_TYPE_CPUMAP 16
#define BPF_MAP_TYPE_XSKMAP 17
#define BPF_MAP_TYPE_SOCKHASH 18
#define BPF_MAP_TYPE_CGROUP_STORAGE 19
#define BPF_MAP_TYPE_REUSEPORT_SOCKARRAY 20
#define BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE 21
#define BPF_MAP_TYPE_STACK 23
#define BPF_MAP_TYPE_SK_STORAGE 24
#define BPF_MAP_TYPE_DEVMAP_HASH 25
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_MAP_TYPE_INODE_STORAGE 28
#define BPF_MAP_TYPE_BLOOM_FILTER 30
#define BPF_MAP_TYPE_USER_RINGBUF 31
#define BPF_MAP_TYPE_CGRP_STORAGE 32

#define BPF_F_NO_COMMON_LRU 2
#define BPF_F_NUMA_NODE 4
#define BPF_F_RDONLY_PROG 128
#define BPF_F_MMAPABLE 1024
#define BPF_F_INNER_MAP 4096

static long (*const bpf_tail_call)(void *ctx, void *programs, __u32 index) = (void *)12;
static long (*const bpf_perf_event_output)(void *ctx, void *map, __u64 flags, void *data, __u64 size) = (void *)25;
static long (*const bpf_get_stackid)(void *ctx, void *map, __u64 flags) = (void *)27;
static long (*const bpf_map_pop_elem)(void *map, void *value) = (void *)88;
static long (*const bpf_map_peek_elem)(void *map, void *value) = (void *)89;
static void *(*const bpf_ringbuf_reserve)(void *ringbuf, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;
static void *(*const bpf_per_cpu_ptr)(const void *variable, __u32 cpu) = (void *)153;
static void *(*const bpf_this_cpu_ptr)(const void *variable) = (void *)154;
static long (*const bpf_for_each_map_elem)(void *map, void *callback, void *ctx, __u64 flags) = (void *)164;
static long (*const bpf_loop)(__u32 count, void *callback, void *ctx, __u64 flags) = (void *)181;

/* Field relocations. */
#define core_offset(field) __builtin_preserve_field_info(field, 0)
#define core_size(field) __builtin_preserve_field_info(field, 1)
#define core_exists(field) __builtin_preserve_field_info(field, 2)
#define core_signed(field) __builtin_preserve_field_info(field, 3)
#define core_left(field) __builtin_preserve_field_info(field, 4)
#define core_right(field) __builtin_preserve_field_info(field, 5)
#define core_field(type, field) (((type *)0)->field)

/* Type relocations. */
#define core_type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define core_type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define core_type_matches(type) __builtin_preserve_type_info(*(type *)0, 2)
#define core_id_local(type) __builtin_btf_type_id(*(type *)0, 0)
#define core_id_target(type) __builtin_btf_type_id(*(type *)0, 1)

/* Enumerator relocations; `type` as in `enum kind`. */
#define core_enum_exists(type, name) __builtin_preserve_enum_value(*(typeof(type) *)name, 0)
#define core_enum_value(type, name) __builtin_preserve_enum_value(*(typeof(type) *)name, 1)

/* All six field relocations of a field. */
#define core_all(field)                                                                                           \
	(core_offset(field) + core_size(field) * 3 + core_exists(field) * 5 + core_signed(field) * 7 +            \
	 core_left(field) * 11 + core_right(field) * 13)

/* The value of a bit-field, wherever and however wide it is in the target. */
#define core_bitfield(pointer, field)                                                                             \
	({                                                                                                        \
		const char *__place = (const char *)(pointer) + core_offset((pointer)->field);                      \
		__u64 __bits = 0;                                                                                   \
		switch (core_size((pointer)->field)) {                                                            \
		case 1:                                                                                           \
			__bits = *(const __u8 *)__place;                                                              \
			break;                                                                                    \
		case 2:                                                                                           \
			__bits = *(const __u16 *)__place;                                                             \
			break;                                                                                    \
		case 4:                                                                                           \
			__bits = *(const __u32 *)__place;                                                             \
			break;                                                                                    \
		case 8:                                                                                           \
			__bits = *(const __u64 *)__place;                                                             \
			break;                                                                                    \
		}                                                                                                 \
		__bits <<= core_left((pointer)->field);                                                             \
		core_signed((pointer)->field) ? (__u64)((__s64)__bits >> core_right((pointer)->field)) :            \
						__bits >> core_right((pointer)->field);                             \
	})

#define LICENSED const char LICENSE[] SEC("license") = "Dual MIT/GPL"
