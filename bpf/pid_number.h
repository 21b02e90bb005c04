/* SPDX-License-Identifier: Apache-2.0 */
/* What the PID namespace of an iterator's reader calls a task. */
#pragma once
#include "kernel_types.h"

#define read_kernel(destination, source) \
	bpf_probe_read_kernel(&(destination), sizeof(destination), source)

/* The process that reads the iterator. */
static __always_inline struct task_struct *reader(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* The process's number in the reader's PID namespace, 0 if that does not know it. */
static __always_inline __u32 pid_of(struct task_struct *task)
{
	struct pid *own = (void *)0, *pid = (void *)0;
	void *namespace = (void *)0, *other = (void *)0;
	__u32 level = 0, depth = 0, number = 0;
	__u64 at;

	read_kernel(own, &reader()->thread_pid);
	read_kernel(level, &own->level);
	read_kernel(pid, &task->thread_pid);
	read_kernel(depth, &pid->level);
	at = level * bpf_core_type_size(struct upid);
	read_kernel(namespace, (void *)&own->numbers[0].ns + at);
	read_kernel(other, (void *)&pid->numbers[0].ns + at);
	if (depth < level || namespace != other)
		return 0;
	read_kernel(number, (void *)&pid->numbers[0].nr + at);
	return number;
}
