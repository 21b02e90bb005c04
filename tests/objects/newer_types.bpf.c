// SPDX-License-Identifier: Apache-2.0
/*
 * Kinds of BTF types that are newer than 5.10, in the types of maps and variables: floating point numbers
 * (5.13), tags of declarations (5.16) and of types (5.17), enumerations of 64 bits and signed ones (6.0).
 */
#include "bpf_helpers.h"

enum wide { WIDE_SMALL = 1, WIDE_LARGE = 1ULL << 40 };
enum negative { NEGATIVE_ONE = -1, NEGATIVE_TWO = -2 };

struct newer {
	float single;
	double number;
	long double two_words;
	enum wide wide;
	enum negative negative;
	int __attribute__((btf_type_tag("user"))) *tagged;
	int declared __attribute__((btf_decl_tag("note")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct newer);
} newer_map SEC(".maps");

struct newer newer_data = { .number = 0.5, .wide = WIDE_LARGE, .negative = NEGATIVE_TWO, .declared = 30 };

SEC("tc")
int use_newer_types(void *ctx)
{
	__u32 slot = 0;
	struct newer *in_map = bpf_map_lookup_elem(&newer_map, &slot);

	if (!in_map)
		return 0;
	return newer_data.declared + (newer_data.wide == WIDE_LARGE) * 10 - newer_data.negative + in_map->declared;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
