/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel that says yes to everything and writes down what it was asked; see kernel.c. */
#pragma once

/*
 * Makes it a kernel with the BTF files of a folder, which may be /sys/kernel/btf, and that knows kinds of
 * types up to `newest_kind`.
 */
void kernel_begin(const char *btf_folder, unsigned int newest_kind);

/* Writes out what has not been written yet. */
void kernel_flush(void);
