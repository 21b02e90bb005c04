/* SPDX-License-Identifier: Apache-2.0 */
/* What a file descriptor of the current process is. */
#pragma once
#include "tasks.h"

/* include/uapi/linux/stat.h */
#define S_IFMT 00170000
#define S_IFREG 0100000

/* Reads what a pointer points to; 0 where it points nowhere. */
#define read_from(destination, source) bpf_probe_read_kernel(&(destination), sizeof(destination), source)

/* The mode of the inode behind an address in a table of files, 0 if there is no file. */
static __always_inline __u32 mode_behind(struct file **slot)
{
	struct inode *inode = (void *)0;
	struct file *file = (void *)0;
	unsigned short mode = 0;

	/* The verifier does not follow a pointer to a pointer. */
	read_from(file, slot);
	if (!file)
		return 0;
	if (bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)) {
		const struct file *typed = bpf_rdonly_cast(file, bpf_core_type_id_kernel(struct file));

		return typed->f_inode->i_mode;
	}
	read_from(inode, &file->f_inode);
	read_from(mode, &inode->i_mode);
	return mode;
}

/*
 * Whether a file descriptor of the current process is a regular file. The table is not locked: a descriptor that another
 * thread opens or closes at this moment is taken for what it was or for what it will be.
 */
static __always_inline bool is_regular_file(__u32 fd)
{
	struct file **files = (void *)0;
	__u32 length = 0;

	if (has_task_storage) {
		const struct fdtable *table = task_to_read()->files->fdt;

		length = table->max_fds;
		files = table->fd;
	} else {
		struct task_struct *task = (struct task_struct *)bpf_get_current_task();
		struct files_struct *own = (void *)0;
		struct fdtable *table = (void *)0;

		read_from(own, &task->files);
		read_from(table, &own->fdt);
		read_from(length, &table->max_fds);
		read_from(files, &table->fd);
	}
	return fd < length && (mode_behind(files + fd) & S_IFMT) == S_IFREG;
}
