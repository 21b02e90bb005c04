// SPDX-License-Identifier: Apache-2.0
/*
 * iomonitor: what the kernel does for one process's buffered reads.
 *
 * Every logical probe has its programs in several variants; user space loads the first that the
 * kernel accepts and never creates the others. All variants end in the same count_* functions.
 */
#include "latency.h"
#include "watched.h"

/* POSIX_FADV_NORMAL..NOREUSE (include/uapi/linux/fadvise.h), then everything else. */
#define FADVISE_OTHER 6

struct counters {
	struct latency read;
	struct latency pread;
	__u64 fadvise_calls;
	__u64 fadvise_advice[FADVISE_OTHER + 1];
	__u64 fadvise_success;
	__u64 cache_lookups;
	__u64 cache_misses;
	__u64 cache_miss_bound; /* reads during which a folio was added, also by readahead */
	__u64 cache_adds;
	__u64 cache_added_pages;
	__u64 cache_deletes;
	__u64 lru_shrinks;
	__u64 lru_scanned;
	__u64 lru_reclaimed;
	__u64 direct_reclaims;
	__u64 direct_stall_ns;
	__u64 memcg_reclaims;
	__u64 memcg_stall_ns;
	__u64 reclaim_processes;
};

/* A new call in the family of reads is one line here, and its counters. */
#define READS(CALL)                                      \
	CALL(read, SHARED, NO_ARGUMENT, &counters->read) \
	CALL(pread64, OWN, NO_ARGUMENT, &counters->pread)
#define FADVISE(CALL) CALL(fadvise64, OWN, FOURTH, NOT_TIMED)
#define CALLS(CALL) READS(CALL) FADVISE(CALL)

#include "calls.h"

/* Processes of the target that ever entered reclaim. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} ktm_reclaimers SEC(".maps");

static __always_inline void count_fadvise(struct counters *counters, __u32 advice, __s64 ret)
{
	count(counters->fadvise_calls, 1);
	if (advice > FADVISE_OTHER)
		advice = FADVISE_OTHER;
	count(counters->fadvise_advice[advice], 1);
	if (!ret)
		count(counters->fadvise_success, 1);
}

static __always_inline bool follows(enum call call, __u32 advice)
{
	return true;
}

static __always_inline void count_call(struct counters *counters, enum call call, const struct task_state *state, __s64 ret)
{
	if (call == CALL_fadvise64)
		count_fadvise(counters, state->argument, ret);
	else if (state->added_folio)
		count_shared(counters->cache_miss_bound, 1);
}

/* Whether a call is one of the family of reads. */
static __always_inline bool is_read(__u32 syscall)
{
#define OR_IS(name, ...) || syscall == nr_##name
	return false READS(OR_IS);
}

/* A look-up that found nothing and has to wait for the disk, while the thread is in a read. */
static __always_inline int count_miss(void)
{
	struct task_state *state = state_in_force();
	struct counters *counters;

	if (!state || !state->syscall_start_ns || !is_read(state->syscall))
		return 0;
	counters = this_cpu_counters();
	if (counters)
		count(counters->cache_misses, 1);
	return 0;
}

static __always_inline int count_lookup(void)
{
	struct counters *counters = counters_in_scope();

	if (counters)
		count(counters->cache_lookups, 1);
	return 0;
}

static __always_inline int count_add(struct counters *counters, __u64 pages)
{
	struct task_state *state = task_state();

	count(counters->cache_adds, 1);
	count(counters->cache_added_pages, pages);
	if (state && state->syscall_start_ns)
		state->added_folio = 1;
	return 0;
}

static __always_inline int count_delete(void)
{
	struct counters *counters = counters_in_scope();

	if (counters)
		count(counters->cache_deletes, 1);
	return 0;
}

static __always_inline int count_shrink(__u64 scanned, __u64 reclaimed)
{
	struct counters *counters = counters_in_scope();

	if (!counters)
		return 0;
	count(counters->lru_shrinks, 1);
	count(counters->lru_scanned, scanned);
	count(counters->lru_reclaimed, reclaimed);
	return 0;
}

enum reclaim_kind {
	RECLAIM_DIRECT,
	RECLAIM_MEMCG,
};

static __always_inline int begin_reclaim(enum reclaim_kind kind)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct counters *counters;
	struct task_state *state;
	__u64 generation;
	__u8 seen = 1;

	if (!is_in_scope(&generation))
		return 0;
	counters = this_cpu_counters();
	if (!counters)
		return 0;
	count(*(kind == RECLAIM_DIRECT ? &counters->direct_reclaims : &counters->memcg_reclaims), 1);
	if (!bpf_map_update_elem(&ktm_reclaimers, &tgid, &seen, BPF_NOEXIST))
		count_shared(counters->reclaim_processes, 1);
	state = state_for(generation);
	if (state)
		state->reclaim_start_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int end_reclaim(enum reclaim_kind kind)
{
	struct task_state *state = state_in_force();
	struct counters *counters = this_cpu_counters();
	__u64 ns;

	if (!state || !counters || !state->reclaim_start_ns)
		return 0;
	ns = bpf_ktime_get_ns() - state->reclaim_start_ns;
	state->reclaim_start_ns = 0;
	count(*(kind == RECLAIM_DIRECT ? &counters->direct_stall_ns : &counters->memcg_stall_ns), ns);
	return 0;
}

/* Pages in a folio: 1 unless it is large, and then by whichever field this kernel keeps it in. */
static __always_inline __u64 folio_pages(struct folio *folio)
{
	struct folio___before_6_18 *older = (void *)folio;
	struct folio___before_6_15 *old = (void *)folio;
	__u64 flags;

	/* Before folios, file systems added single pages. */
	if (!bpf_core_type_exists(struct folio))
		return 1;
	flags = bpf_core_field_exists(folio->flags.f) ? folio->flags.f : older->flags;
	if (!(flags & 1ULL << bpf_core_enum_value(enum pageflags, PG_head)))
		return 1;
	return bpf_core_field_exists(folio->_nr_pages) ? folio->_nr_pages : old->_folio_nr_pages;
}

/* ---- The calls ---- */

READS(CALL_PROGRAMS)
FADVISE(BY_KPROBE)
FADVISE(BY_TRACEPOINT)

/* It is not timed, and at its exit all is there. */
SEC("fexit/__x64_sys_fadvise64")
int fexit_fadvise64(__u64 *ctx)
{
	struct counters *counters = counters_in_scope();

	if (counters)
		count_fadvise(counters, argument_in((void *)ctx[0], FOURTH), ctx[1]);
	return 0;
}

/* ---- BTF-enabled raw tracepoints: the arguments are those of the tracepoint ---- */

SEC("tp_btf/mm_filemap_get_pages")
int btf_cache_lookup(__u64 *ctx)
{
	return count_lookup();
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int btf_cache_add(__u64 *ctx)
{
	struct counters *counters = counters_in_scope();

	return counters ? count_add(counters, folio_pages((void *)ctx[0])) : 0;
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int btf_cache_delete(__u64 *ctx)
{
	return count_delete();
}

SEC("tp_btf/mm_vmscan_lru_shrink_inactive")
int btf_lru_shrink(__u64 *ctx)
{
	return count_shrink(ctx[1], ctx[2]);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int btf_direct_begin(__u64 *ctx)
{
	return begin_reclaim(RECLAIM_DIRECT);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int btf_direct_end(__u64 *ctx)
{
	return end_reclaim(RECLAIM_DIRECT);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int btf_memcg_begin(__u64 *ctx)
{
	return begin_reclaim(RECLAIM_MEMCG);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int btf_memcg_end(__u64 *ctx)
{
	return end_reclaim(RECLAIM_MEMCG);
}

/* ---- Entry and exit of functions: the arguments, then the result ---- */

SEC("fexit/filemap_get_read_batch")
int fexit_cache_lookup(__u64 *ctx)
{
	struct folio_batch *batch = (void *)ctx[3];
	struct pagevec *vector = (void *)ctx[3];
	__u8 found = bpf_core_type_exists(struct folio_batch) ? batch->nr : vector->nr;

	return found ? count_lookup() : 0;
}

/* Before 5.12 a read looked pages up one by one in this function: a call of it is all that can be counted. */
SEC("fentry/generic_file_buffered_read")
int fentry_buffered_read(__u64 *ctx)
{
	return count_lookup();
}

SEC("fentry/page_cache_sync_ra")
int fentry_cache_miss(__u64 *ctx)
{
	return count_miss();
}

/* ---- Kprobes ---- */

SEC("kprobe/filemap_get_read_batch")
int kprobe_cache_lookup(void *ctx)
{
	return count_lookup();
}

SEC("kprobe/generic_file_buffered_read")
int kprobe_buffered_read(void *ctx)
{
	return count_lookup();
}

SEC("kprobe/page_cache_sync_ra")
int kprobe_cache_miss(void *ctx)
{
	return count_miss();
}

SEC("kprobe/try_to_free_pages")
int kprobe_direct_begin(void *ctx)
{
	return begin_reclaim(RECLAIM_DIRECT);
}

SEC("kretprobe/try_to_free_pages")
int kretprobe_direct_end(void *ctx)
{
	return end_reclaim(RECLAIM_DIRECT);
}

SEC("kprobe/try_to_free_mem_cgroup_pages")
int kprobe_memcg_begin(void *ctx)
{
	return begin_reclaim(RECLAIM_MEMCG);
}

SEC("kretprobe/try_to_free_mem_cgroup_pages")
int kretprobe_memcg_end(void *ctx)
{
	return end_reclaim(RECLAIM_MEMCG);
}

/* ---- Classic tracepoints: the context is the trace record ---- */

SEC("tracepoint/filemap/mm_filemap_get_pages")
int tp_cache_lookup(void *ctx)
{
	return count_lookup();
}

SEC("tracepoint/filemap/mm_filemap_add_to_page_cache")
int tp_cache_add(struct trace_event_raw_mm_filemap_op_page_cache *ctx)
{
	struct counters *counters = counters_in_scope();

	__u32 order = bpf_core_field_exists(ctx->order) ? ctx->order : 0;

	return counters ? count_add(counters, 1ULL << (order & 31)) : 0;
}

SEC("tracepoint/filemap/mm_filemap_delete_from_page_cache")
int tp_cache_delete(void *ctx)
{
	return count_delete();
}

SEC("tracepoint/vmscan/mm_vmscan_lru_shrink_inactive")
int tp_lru_shrink(struct trace_event_raw_mm_vmscan_lru_shrink_inactive *ctx)
{
	return count_shrink(ctx->nr_scanned, ctx->nr_reclaimed);
}

SEC("tracepoint/vmscan/mm_vmscan_direct_reclaim_begin")
int tp_direct_begin(void *ctx)
{
	return begin_reclaim(RECLAIM_DIRECT);
}

SEC("tracepoint/vmscan/mm_vmscan_direct_reclaim_end")
int tp_direct_end(void *ctx)
{
	return end_reclaim(RECLAIM_DIRECT);
}

SEC("tracepoint/vmscan/mm_vmscan_memcg_reclaim_begin")
int tp_memcg_begin(void *ctx)
{
	return begin_reclaim(RECLAIM_MEMCG);
}

SEC("tracepoint/vmscan/mm_vmscan_memcg_reclaim_end")
int tp_memcg_end(void *ctx)
{
	return end_reclaim(RECLAIM_MEMCG);
}

/* The helpers in use are for programs under a GPL-compatible license. */
const char LICENSE[] SEC("license") = "Dual MIT/GPL";
