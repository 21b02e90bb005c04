/** Programs for which a seccomp filter refuses one system call, as a container runtime's does. @module */

/** System call numbers by machine. Source: `arch/x86/entry/syscalls/syscall_64.tbl`, `scripts/syscall.tbl`. */
const NUMBERS = {
  x86_64: { bpf: 321, statx: 332, perf_event_open: 298, pidfd_open: 434, getdents64: 217 },
  aarch64: { bpf: 280, statx: 291, perf_event_open: 241, pidfd_open: 434, getdents64: 61 },
} as const;

/** A system call that can be refused. */
export type RefusedCall = keyof typeof NUMBERS.x86_64;

/** What the filter answers. */
export const REFUSALS = { EPERM: 1, ENOSYS: 38 } as const;

/** `struct sock_filter` of `include/uapi/linux/filter.h`, `SECCOMP_RET_*` of `include/uapi/linux/seccomp.h`. */
const PYTHON = `
import ctypes, os, struct, sys
number, errno, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
code = struct.pack('=HBBI', 0x20, 0, 0, 0)
code += struct.pack('=HBBI', 0x15, 0, 1, number)
code += struct.pack('=HBBI', 0x06, 0, 0, 0x00050000 | errno)
code += struct.pack('=HBBI', 0x06, 0, 0, 0x7fff0000)
buffer = ctypes.create_string_buffer(code)
program = struct.pack('@HP', 4, ctypes.addressof(buffer))
if ctypes.CDLL(None, use_errno=True).prctl(22, 2, program, 0, 0) != 0:
    sys.exit('Cannot install the filter: %d' % ctypes.get_errno())
os.execvp(command[0], command)
`;

/** Runs what follows without a system call. Needs python3 and root. */
export function withoutSyscall(call: RefusedCall, refusal: keyof typeof REFUSALS): readonly string[] {
  const number = NUMBERS[Deno.build.arch][call];
  return ["python3", "-c", PYTHON, String(number), String(REFUSALS[refusal])];
}
