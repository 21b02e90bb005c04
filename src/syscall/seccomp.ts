/** `no_new_privs` for every thread, by a filter of system calls that lets all of them through. @module */
import { syscallNumbers } from "./arch.ts";
import { libc } from "./libc.ts";
import { whilePinned } from "./memory.ts";
import { encode, type Layout } from "./struct.ts";

/** Source: `include/uapi/linux/seccomp.h`. */
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
/** Without it, kernels before 5.16 make every branch of the process slower. */
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
const SECCOMP_RET_ALLOW = 0x7fff_0000;

/** `struct sock_filter` and `struct sock_fprog` of `include/uapi/linux/filter.h`. */
const SOCK_FILTER = { code: [0, 2], jt: [2, 1], jf: [3, 1], k: [4, 4] } as const satisfies Layout;
const SOCK_FPROG = { len: [0, 2], filter: [8, 8] } as const satisfies Layout;

/** `BPF_RET | BPF_K` of `include/uapi/linux/bpf_common.h`. */
const RETURN_CONSTANT = 0x06;

/**
 * Has all threads of this process take over `no_new_privs` from the calling one, which has it already: the kernel
 * gives it to those that it synchronizes a filter to (`seccomp_sync_threads()` in `kernel/seccomp.c`).
 *
 * @returns false where the kernel does not: without filters, or where a thread has another one
 */
export function spreadNoNewPrivileges(): boolean {
  const allow = encode(SOCK_FILTER, { code: RETURN_CONSTANT, k: SECCOMP_RET_ALLOW });
  const program = encode(SOCK_FPROG, { len: 1, filter: allow });
  const flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  const { seccomp } = syscallNumbers();
  const result = whilePinned(
    allow,
    () => libc().syscall_seccomp(seccomp, SECCOMP_SET_MODE_FILTER, flags, program),
  );
  return Number(result) === 0;
}
