// SPDX-License-Identifier: Apache-2.0
/* What the kernel provides: variables and functions. Whatever is weak may be missing. */
#include "test_helpers.h"

struct rq {
	int cpu;
};

struct task_struct {
	int pid;
};

/* Variables of the kernel's BTF. */
extern const struct rq runqueues __ksym __weak;
extern const int bpf_prog_active __ksym __weak;
extern const int no_such_variable __ksym __weak;

/* Functions; the first since 5.18 or 6.x, the last never. */
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;
extern void bpf_rcu_read_unlock(void) __ksym __weak;
extern int no_such_function(int value) __ksym __weak;

SEC("raw_tp/sys_enter")
int typed_variable(__u64 *ctx)
{
	struct rq *queue = &runqueues ? bpf_per_cpu_ptr(&runqueues, 0) : 0;

	return queue ? queue->cpu : -1;
}

SEC("raw_tp/sys_enter")
int typed_weak_variable(__u64 *ctx)
{
	if (&bpf_prog_active)
		return *(int *)bpf_this_cpu_ptr(&bpf_prog_active);
	return -1;
}

SEC("raw_tp/sys_enter")
int typed_missing(__u64 *ctx)
{
	return &no_such_variable ? 1 : 2;
}

SEC("tp_btf/sys_enter")
int call_functions(__u64 *ctx)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tp_btf/task_newtask")
int call_with_objects(__u64 *ctx)
{
	struct task_struct *task = bpf_task_acquire((struct task_struct *)ctx[0]);

	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("tp_btf/sys_enter")
int call_if_there(__u64 *ctx)
{
	if (no_such_function)
		return no_such_function(1);
	return 3;
}

SEC("tp_btf/sys_enter")
int call_missing(__u64 *ctx)
{
	return no_such_function(2);
}

static __noinline int through_subprogram(void)
{
	return &bpf_prog_active != 0;
}

SEC("raw_tp/sys_enter")
int refer_in_subprogram(void *ctx)
{
	return through_subprogram();
}

LICENSED;
