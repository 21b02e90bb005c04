/** Landlock: which files a thread can reach, whichever user it is (`man 7 landlock`). @module */
import { syscallNumbers } from "../arch.ts";
import { checked, Errno, isErrno } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { openFile, OpenFlag, stat } from "../files/file.ts";
import { libc } from "../libc.ts";
import { encode, type Layout } from "../struct.ts";
import type { Bound } from "./seccomp.ts";

/** Source: `include/uapi/linux/landlock.h`. */
const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_RULE_PATH_BENEATH = 1;
/** ABI 8, Linux 7.0. */
const LANDLOCK_RESTRICT_SELF_TSYNC = 8;
const TSYNC_ABI = 8;

const RULESET_ATTR = { handled_access_fs: [0, 8] } as const satisfies Layout;
const PATH_BENEATH_ATTR = { allowed_access: [0, 8], parent_fd: [8, 4] } as const satisfies Layout;

/** `LANDLOCK_ACCESS_FS_*`. */
const READ_FILE = 1n << 2n;
const READ_DIR = 1n << 3n;
const REMOVE_DIR = 1n << 4n;
const REMOVE_FILE = 1n << 5n;

/** How many rights there are from ABI 1 on; 2 added REFER, 3 TRUNCATE, 5 IOCTL_DEV. All of them are restricted. */
const RIGHTS = [13n, 14n, 15n, 15n, 16n] as const;

/** The version of the kernel's Landlock, 0 without it: not built in, or not among the modules of `lsm=`. */
export function landlockAbi(): number {
  const { landlock_create_ruleset } = syscallNumbers();
  const flags = LANDLOCK_CREATE_RULESET_VERSION;
  const abi = libc().syscall_landlock_create_ruleset(landlock_create_ruleset, null, 0n, flags);
  return Math.max(0, Number(abi));
}

/** What stays within reach; what does not exist is left out. */
export interface Reach {
  /** Files, and directories with all that is below, to be read. */
  readonly read: readonly string[];
  /** Directories in which entries may be removed. */
  readonly remove: readonly string[];
}

/** Where a restriction reaches. */
export interface LandlockOutcome {
  readonly bound: Bound;
  /** Version of the kernel's Landlock. */
  readonly abi: number;
}

function createRuleset(abi: number): FileDescriptor {
  const rights = (1n << RIGHTS[Math.min(abi, RIGHTS.length) - 1]!) - 1n;
  const attr = encode(RULESET_ATTR, { handled_access_fs: rights });
  const { landlock_create_ruleset } = syscallNumbers();
  const size = BigInt(attr.length);
  const fd = libc().syscall_landlock_create_ruleset(landlock_create_ruleset, attr, size, 0);
  return new FileDescriptor(checked(fd, "landlock_create_ruleset", () => "make a Landlock ruleset"));
}

function allow(ruleset: FileDescriptor, path: string, rights: bigint): void {
  try {
    using place = openFile(path, OpenFlag.PATH);
    // A rule on a file holds no right that only directories have.
    const allowed = stat(path).kind === "directory" ? rights : rights & READ_FILE;
    const attr = encode(PATH_BENEATH_ATTR, { allowed_access: allowed, parent_fd: place.number });
    const { landlock_add_rule } = syscallNumbers();
    const type = LANDLOCK_RULE_PATH_BENEATH;
    const result = libc().syscall_landlock_add_rule(landlock_add_rule, ruleset.number, type, attr, 0);
    checked(result, "landlock_add_rule", () => `allow ${path}`);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)) throw error;
  }
}

/**
 * Takes every file but some out of reach of the calling thread and those that it starts, for good; from Linux 7.0
 * on of all threads. The calling thread has `no_new_privs` already. Descriptors that are open stay what they are.
 *
 * @returns whom it binds: none where the kernel has no Landlock
 * @throws {SyscallError} if the kernel has it and refuses
 */
export function restrictFiles({ read, remove }: Reach): LandlockOutcome {
  const abi = landlockAbi();
  if (abi === 0) return { bound: "none", abi };
  using ruleset = createRuleset(abi);
  for (const path of read) allow(ruleset, path, READ_FILE | READ_DIR);
  for (const path of remove) allow(ruleset, path, REMOVE_DIR | REMOVE_FILE);
  const { landlock_restrict_self } = syscallNumbers();
  const flags = abi >= TSYNC_ABI ? LANDLOCK_RESTRICT_SELF_TSYNC : 0;
  const result = libc().syscall_landlock_restrict_self(landlock_restrict_self, ruleset.number, flags);
  checked(result, "landlock_restrict_self", () => "restrict files by Landlock");
  return { bound: flags === 0 ? "this thread" : "all threads", abi };
}
