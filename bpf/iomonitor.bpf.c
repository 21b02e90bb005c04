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

#include "counting.h"

/* Processes of the target that ever entered reclaim. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} ktm_reclaimers SEC(".maps");

/* Set by user space for its architecture before the programs are loaded. */
const volatile __u32 nr_read = 0;
const volatile __u32 nr_pread64 = 0;
const volatile __u32 nr_fadvise64 = 0;

static __always_inline void count_fadvise(struct counters *counters, __u32 advice, __s64 ret)
{
	count(counters->fadvise_calls, 1);
	if (advice > FADVISE_OTHER)
		advice = FADVISE_OTHER;
	count(counters->fadvise_advice[advice], 1);
	if (!ret)
		count(counters->fadvise_success, 1);
}

static __always_inline int enter_syscall_of(enum call_table table, __u32 syscall, __u32 advice)
{
	__u64 generation = generation_in_scope(syscall, table);
	struct task_state *state;
	__u64 now;

	if (generation == NOBODY)
		return 0;
	/* The clock waits for all that is under way in the processor: the less that is, the better. */
	now = bpf_ktime_get_ns();
	state = state_for(generation);
	if (!state)
		return 0;
	state->syscall = syscall;
	state->advice = advice;
	state->added_folio = 0;
	state->syscall_start_ns = now;
	return 0;
}

static __always_inline int enter_syscall(__u32 syscall, __u32 advice)
{
	return enter_syscall_of(NATIVE_TABLE, syscall, advice);
}

/* Only threads that were in scope at the entry have a start time, so the exit needs no filter. */
static __always_inline int exit_syscall(__u32 syscall, __s64 ret)
{
	struct task_state *state = state_in_force();
	struct counters *counters;
	__u64 ns = 0;

	if (!state || !state->syscall_start_ns || state->syscall != syscall)
		return 0;
	if (syscall != nr_fadvise64)
		ns = bpf_ktime_get_ns() - state->syscall_start_ns;
	state->syscall_start_ns = 0;
	counters = this_cpu_counters();
	if (!counters)
		return 0;
	if (syscall == nr_fadvise64) {
		count_fadvise(counters, state->advice, ret);
		return 0;
	}
	count_latency(syscall == nr_read ? &counters->read : &counters->pread, ns, ret);
	if (state->added_folio)
		count_shared(counters->cache_miss_bound, 1);
	return 0;
}

/* A look-up that found nothing and has to wait for the disk, while the thread is in a read. */
static __always_inline int count_miss(void)
{
	struct task_state *state = state_in_force();
	struct counters *counters;

	if (!state || !state->syscall_start_ns || state->syscall == nr_fadvise64)
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
	__u64 generation = generation_in_scope(NO_CALL, NATIVE_TABLE);
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct counters *counters;
	struct task_state *state;
	__u8 seen = 1;

	if (generation == NOBODY)
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

/* The fourth argument of a system call, from the caller's registers. */
static __always_inline __u32 fourth_argument(void *regs)
{
	struct pt_regs___arm64 *arm64 = regs;
	struct pt_regs___x86 *x86 = regs;

	return bpf_core_field_exists(x86->r10) ? x86->r10 : arm64->regs[3];
}

/* ---- BTF-enabled raw tracepoints: the arguments are those of the tracepoint ---- */

SEC("tp_btf/sys_enter")
int btf_sys_enter(__u64 *ctx)
{
	__u32 syscall = ctx[1];

	if (syscall != nr_read && syscall != nr_pread64 && syscall != nr_fadvise64)
		return 0;
	if (is_aarch32((void *)ctx[0]))
		return 0;
	return enter_syscall_of(ANY_TABLE, syscall, syscall == nr_fadvise64 ? fourth_argument((void *)ctx[0]) : 0);
}

SEC("tp_btf/sys_exit")
int btf_sys_exit(__u64 *ctx)
{
	struct pt_regs___arm64 *arm64 = (void *)ctx[0];
	struct pt_regs___x86 *x86 = (void *)ctx[0];
	__u32 syscall = bpf_core_field_exists(x86->orig_ax) ? x86->orig_ax : arm64->syscallno;

	if (syscall != nr_read && syscall != nr_pread64 && syscall != nr_fadvise64)
		return 0;
	return exit_syscall(syscall, ctx[1]);
}

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

/* The function of a system call gets the caller's registers; user space names it for its architecture. */

SEC("fentry/__x64_sys_read")
int fentry_read(__u64 *ctx)
{
	return is_aarch32((void *)ctx[0]) ? 0 : enter_syscall(nr_read, 0);
}

SEC("fexit/__x64_sys_read")
int fexit_read(__u64 *ctx)
{
	return exit_syscall(nr_read, ctx[1]);
}

SEC("fentry/__x64_sys_pread64")
int fentry_pread(__u64 *ctx)
{
	return enter_syscall(nr_pread64, 0);
}

SEC("fexit/__x64_sys_pread64")
int fexit_pread(__u64 *ctx)
{
	return exit_syscall(nr_pread64, ctx[1]);
}

SEC("fexit/__x64_sys_fadvise64")
int fexit_fadvise(__u64 *ctx)
{
	struct counters *counters = counters_in_scope();

	if (counters)
		count_fadvise(counters, fourth_argument((void *)ctx[0]), ctx[1]);
	return 0;
}

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

/* ---- Kprobes: the context is the registers at that moment ---- */

/*
 * First argument and result of a function. The verifier wants a field of the context read at a constant
 * offset, so the compiler must not merge the two reads into one at a computed address.
 */
#define barrier() asm volatile("" ::: "memory")

static __always_inline __u64 kprobe_argument(void *ctx)
{
	struct pt_regs___arm64 *arm64 = ctx;
	struct pt_regs___x86 *x86 = ctx;
	__u64 argument;

	if (bpf_core_field_exists(x86->di)) {
		argument = x86->di;
		barrier();
		return argument;
	}
	return arm64->regs[0];
}

static __always_inline __s64 kprobe_result(void *ctx)
{
	struct pt_regs___arm64 *arm64 = ctx;
	struct pt_regs___x86 *x86 = ctx;
	__s64 result;

	if (bpf_core_field_exists(x86->ax)) {
		result = x86->ax;
		barrier();
		return result;
	}
	return arm64->regs[0];
}

/* A kretprobe follows only so many calls at a time: the end of the thread's last one may not have been seen. */
static __always_inline int enter_syscall_by_kprobe(__u32 syscall, __u32 advice)
{
	struct task_state *state = task_state();

	if (state && state->syscall_start_ns)
		count_lost_event();
	return enter_syscall(syscall, advice);
}

SEC("ksyscall/read")
int kprobe_read(void *ctx)
{
	struct pt_regs___arm64 *arm64 = (void *)kprobe_argument(ctx);
	__u64 pstate = 0;

	if (bpf_core_field_exists(arm64->pstate))
		bpf_probe_read_kernel(&pstate, sizeof(pstate), &arm64->pstate);
	return pstate & PSR_MODE32_BIT ? 0 : enter_syscall_by_kprobe(nr_read, 0);
}

SEC("kretsyscall/read")
int kretprobe_read(void *ctx)
{
	return exit_syscall(nr_read, kprobe_result(ctx));
}

SEC("ksyscall/pread64")
int kprobe_pread(void *ctx)
{
	return enter_syscall_by_kprobe(nr_pread64, 0);
}

SEC("kretsyscall/pread64")
int kretprobe_pread(void *ctx)
{
	return exit_syscall(nr_pread64, kprobe_result(ctx));
}

SEC("ksyscall/fadvise64")
int kprobe_fadvise(void *ctx)
{
	struct pt_regs___arm64 *arm64 = (void *)kprobe_argument(ctx);
	struct pt_regs___x86 *x86 = (void *)kprobe_argument(ctx);
	__u64 advice = 0;

	if (bpf_core_field_exists(x86->r10))
		bpf_probe_read_kernel(&advice, sizeof(advice), &x86->r10);
	else
		bpf_probe_read_kernel(&advice, sizeof(advice), &arm64->regs[3]);
	return enter_syscall_by_kprobe(nr_fadvise64, advice);
}

SEC("kretsyscall/fadvise64")
int kretprobe_fadvise(void *ctx)
{
	return exit_syscall(nr_fadvise64, kprobe_result(ctx));
}

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

SEC("tracepoint/syscalls/sys_enter_read")
int tp_enter_read(void *ctx)
{
	return enter_syscall(nr_read, 0);
}

SEC("tracepoint/syscalls/sys_exit_read")
int tp_exit_read(struct syscall_trace_exit *ctx)
{
	return exit_syscall(nr_read, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_pread64")
int tp_enter_pread(void *ctx)
{
	return enter_syscall(nr_pread64, 0);
}

SEC("tracepoint/syscalls/sys_exit_pread64")
int tp_exit_pread(struct syscall_trace_exit *ctx)
{
	return exit_syscall(nr_pread64, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_fadvise64")
int tp_enter_fadvise(struct syscall_trace_enter *ctx)
{
	return enter_syscall(nr_fadvise64, ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_fadvise64")
int tp_exit_fadvise(struct syscall_trace_exit *ctx)
{
	return exit_syscall(nr_fadvise64, ctx->ret);
}

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
