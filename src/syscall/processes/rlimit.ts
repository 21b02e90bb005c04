/** Limits on resources. @module */
import { checked } from "../errno.ts";
import { libc } from "../libc.ts";
import { encode, type Layout, readField } from "../struct.ts";

/** `struct rlimit` (`man 2 setrlimit`). */
const RLIMIT = { rlim_cur: [0, 8], rlim_max: [8, 8] } as const satisfies Layout;
const RLIMIT_NOFILE = 7;
const RLIMIT_MEMLOCK = 8;
const RLIM_INFINITY = 0xffffffffffffffffn;

/** Lifts the limit on locked memory, which kernels before 5.11 charge BPF maps and programs to. */
export function liftMemlockLimit(): void {
  const limit = encode(RLIMIT, { rlim_cur: RLIM_INFINITY, rlim_max: RLIM_INFINITY });
  checked(libc().setrlimit(RLIMIT_MEMLOCK, limit), "setrlimit", () => "lift the limit on locked memory");
}

/** How many files this process may have open: the soft limit, infinite where there is none. */
export function openFileLimit(): number {
  const limit = encode(RLIMIT, { rlim_cur: 0, rlim_max: 0 });
  checked(libc().getrlimit(RLIMIT_NOFILE, limit), "getrlimit", () => "read the limit on open files");
  const soft = readField(limit, RLIMIT.rlim_cur);
  return soft === RLIM_INFINITY ? Infinity : Number(soft);
}
