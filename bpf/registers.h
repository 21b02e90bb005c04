/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and results, in the registers of either architecture. */
#pragma once
#include "kernel_types.h"

/*
 * The verifier wants a field of a context read at a constant offset, so the compiler must not merge two reads into one at
 * a computed address.
 */
#define barrier() asm volatile("" ::: "memory")

/* Of a system call, by their place from 0: those that a module reads. */
#define FIRST 0
#define FOURTH 3
#define NO_ARGUMENT (-1)

/* An argument of a system call in its caller's registers, which the verifier lets a program read. */
static __always_inline __u32 argument_in(const void *regs, int place)
{
	const struct pt_regs___arm64 *arm64 = regs;
	const struct pt_regs___x86 *x86 = regs;

	if (place == NO_ARGUMENT)
		return 0;
	if (place == FIRST)
		return bpf_core_field_exists(x86->di) ? x86->di : arm64->regs[FIRST];
	return bpf_core_field_exists(x86->r10) ? x86->r10 : arm64->regs[FOURTH];
}

/* The same, if all that is known of the registers is their address. */
static __always_inline __u32 argument_behind(const void *regs, int place)
{
	const struct pt_regs___arm64 *arm64 = regs;
	const struct pt_regs___x86 *x86 = regs;
	__u64 argument = 0;

	if (place == NO_ARGUMENT)
		return 0;
	if (!bpf_core_field_exists(x86->di))
		bpf_probe_read_kernel(&argument, sizeof(argument), &arm64->regs[place]);
	else
		bpf_probe_read_kernel(&argument, sizeof(argument), place == FIRST ? &x86->di : &x86->r10);
	return argument;
}

/* Whether the registers are those of a 32-bit program of arm64; false elsewhere. */
static __always_inline bool is_aarch32(const struct pt_regs___arm64 *regs)
{
	return bpf_core_field_exists(regs->pstate) && regs->pstate & PSR_MODE32_BIT;
}

static __always_inline bool is_aarch32_behind(const struct pt_regs___arm64 *regs)
{
	__u64 pstate = 0;

	if (bpf_core_field_exists(regs->pstate))
		bpf_probe_read_kernel(&pstate, sizeof(pstate), &regs->pstate);
	return pstate & PSR_MODE32_BIT;
}

/* The system call that returns, from its caller's registers. */
static __always_inline __u32 call_in(const void *regs)
{
	const struct pt_regs___arm64 *arm64 = regs;
	const struct pt_regs___x86 *x86 = regs;

	return bpf_core_field_exists(x86->orig_ax) ? x86->orig_ax : arm64->syscallno;
}

/* First argument and result of a function, by the context of a kprobe: the registers at that moment. */

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
