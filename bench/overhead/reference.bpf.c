// SPDX-License-Identifier: Apache-2.0
/*
 * The design that ours is compared with: classic tracepoints, the start of a call in a hash by thread id,
 * statistics in per-CPU hashes by process id, the filter by cgroup and then comm through helpers.
 */
#include "../../bpf/bpf_helpers.h"

#define BPF_MAP_TYPE_PERCPU_HASH 5
#define LATENCY_BUCKETS 28
#define MAX_ENTRIES 10240
#define COMM_LENGTH 16

static long (*const bpf_get_current_comm)(void *comm, __u32 size) = (void *)16;
static __u64 (*const bpf_get_current_cgroup_id)(void) = (void *)80;

struct latency {
	__u64 count;
	__u64 sum_ns;
	__u64 bytes;
	__u64 errors;
	__u64 buckets[LATENCY_BUCKETS];
};

struct cache {
	__u64 lookups;
	__u64 adds;
};

struct by_thread {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
};

struct by_process {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, MAX_ENTRIES);
	__type(key, __u32);
	__type(value, struct latency);
};

struct by_thread read_starts SEC(".maps");
struct by_thread pread_starts SEC(".maps");
struct by_process read_statistics SEC(".maps");
struct by_process pread_statistics SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, MAX_ENTRIES);
	__type(key, __u32);
	__type(value, struct cache);
} cache_statistics SEC(".maps");

struct filter {
	__u64 cgroup_id;
	char comm[COMM_LENGTH]; /* zero: end of the prefix */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct filter);
} filter SEC(".maps");

static __always_inline bool is_target(void)
{
	__u32 slot = 0;
	struct filter *wanted = bpf_map_lookup_elem(&filter, &slot);
	char comm[COMM_LENGTH];

	if (!wanted)
		return false;
	if (wanted->cgroup_id && bpf_get_current_cgroup_id() == wanted->cgroup_id)
		return true;
	if (bpf_get_current_comm(comm, sizeof(comm)))
		return false;
	for (int i = 0; i < COMM_LENGTH && wanted->comm[i]; i++) {
		if (comm[i] != wanted->comm[i])
			return false;
	}
	return true;
}

static __always_inline int enter(void *starts)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 now;

	if (!is_target())
		return 0;
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(starts, &thread, &now, 0);
	return 0;
}

/* The value of this process, made if it has none. */
static __always_inline void *statistics_of(void *map, const void *none)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	void *value = bpf_map_lookup_elem(map, &process);

	if (value)
		return value;
	bpf_map_update_elem(map, &process, none, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, &process);
}

static __always_inline int leave(void *starts, void *statistics, __s64 ret)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 *start = bpf_map_lookup_elem(starts, &thread);
	struct latency none = {};
	struct latency *value;
	__u32 bucket = 0;
	__u64 ns;

	if (!start)
		return 0;
	ns = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(starts, &thread);
	value = statistics_of(statistics, &none);
	if (!value)
		return 0;
	value->count++;
	if (ret < 0) {
		value->errors++;
		return 0;
	}
	value->sum_ns += ns;
	value->bytes += ret;
	for (__u64 bound = 1000; bucket < LATENCY_BUCKETS - 1 && ns > bound; bound <<= 1)
		bucket++;
	if (bucket < LATENCY_BUCKETS)
		value->buckets[bucket]++;
	return 0;
}

/* include/trace/syscall.h: the record of a call's end; eight bytes each of header, number and result */
struct exit_record {
	__u64 header;
	__s64 number;
	__s64 ret;
};

SEC("tracepoint/syscalls/sys_enter_read")
int enter_read(void *ctx)
{
	return enter(&read_starts);
}

SEC("tracepoint/syscalls/sys_exit_read")
int leave_read(struct exit_record *ctx)
{
	return leave(&read_starts, &read_statistics, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_pread64")
int enter_pread(void *ctx)
{
	return enter(&pread_starts);
}

SEC("tracepoint/syscalls/sys_exit_pread64")
int leave_pread(struct exit_record *ctx)
{
	return leave(&pread_starts, &pread_statistics, ctx->ret);
}

SEC("tracepoint/filemap/mm_filemap_get_pages")
int cache_lookup(void *ctx)
{
	struct cache none = {};
	struct cache *value = is_target() ? statistics_of(&cache_statistics, &none) : (void *)0;

	if (value)
		value->lookups++;
	return 0;
}

SEC("tracepoint/filemap/mm_filemap_add_to_page_cache")
int cache_add(void *ctx)
{
	struct cache none = {};
	struct cache *value = is_target() ? statistics_of(&cache_statistics, &none) : (void *)0;

	if (value)
		value->adds++;
	return 0;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
