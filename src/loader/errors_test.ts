import assert from "node:assert/strict";
import { BpfMapFlag, BpfMapType } from "../elf/mod.ts";
import { effectiveCapabilities, Errno, hasCapability, processId, SyscallError } from "../syscall/mod.ts";
import {
  BtfLoadError,
  lockdownHint,
  MapCreateError,
  permissionHint,
  ProgramLoadError,
  VerifierError,
} from "./errors.ts";
import { mapSpec } from "./maps/testing_map.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const refused = (errno: number) => new SyscallError("load program p", "bpf(BPF_PROG_LOAD)", errno);

/** `1 << CAP_BPF` and so on. Source: include/uapi/linux/capability.h. */
const SYS_ADMIN = 1n << 21n;
const PERFMON = 1n << 38n;
const BPF = 1n << 39n;

Deno.test("permissionHint() names the capabilities that are missing", () => {
  const hint = (held: bigint) => permissionHint(refused(Errno.EPERM), held);
  assert.equal(hint(0n), "CAP_BPF and CAP_PERFMON missing; run as root or grant the capabilities");
  assert.equal(hint(BPF), "CAP_PERFMON missing; run as root or grant the capabilities");
  assert.equal(hint(PERFMON), "CAP_BPF missing; run as root or grant the capabilities");
  assert.match(hint(BPF | PERFMON), /^the kernel refuses it to CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN may/);
  assert.equal(hint(SYS_ADMIN), "the kernel refuses this kind of program");
});

Deno.test("permissionHint() looks at this process's capabilities unless it is given others", () => {
  const isAdmin = hasCapability(effectiveCapabilities(), "CAP_SYS_ADMIN");
  assert.equal(permissionHint(refused(Errno.EACCES)).includes("kind of program"), isAdmin);
});

Deno.test("permissionHint() does not blame permissions for other errors", () => {
  assert.equal(permissionHint(refused(Errno.EINVAL), 0n), "the kernel refuses it");
});

/** Instructions of a program whose lines are those of a.c. */
const origin = (missing: ReadonlyMap<number, string> = new Map()) => ({
  missing,
  sourceLine: (instruction: number) => ({ file: "a.c", line: instruction + 8, column: 1, text: "x = *p;" }),
});

Deno.test("VerifierError says what the verifier says, where, and which call failed", () => {
  const log = "; x = *p; @ a.c:9\n1: (79) r0 = *(u64 *)(r2 +0)\nR2 invalid mem access 'scalar'\n";
  const error = new VerifierError("p", refused(Errno.EACCES), log, origin());
  assert.equal(
    error.message,
    "Cannot load program p: the verifier says: R2 invalid mem access 'scalar', at a.c:9: x = *p; " +
      "(bpf(BPF_PROG_LOAD): EACCES)",
  );
  assert.deepEqual([error.log, error.instruction, error.source?.line], [log, 1, 9]);
  assert.ok(error instanceof ProgramLoadError);
});

Deno.test("VerifierError names what the kernel lacks if the verifier reached a poisoned instruction", () => {
  const log = "; x = t->gone; @ a.c:9\n4: (85) call unknown#195896080\ninvalid func unknown#195896080\n";
  const error = new VerifierError(
    "p",
    refused(Errno.EINVAL),
    log,
    origin(new Map([[4, "task_struct.gone"]])),
  );
  assert.equal(
    error.message,
    "Cannot load program p: it needs task_struct.gone, which this kernel does not have, " +
      "at a.c:12: x = *p; (bpf(BPF_PROG_LOAD): EINVAL)",
  );
});

Deno.test("VerifierError does without a place where the log names no instruction", () => {
  const error = new VerifierError("p", refused(Errno.EINVAL), "Invalid license\n", origin());
  assert.equal(
    error.message,
    "Cannot load program p: the verifier says: Invalid license (bpf(BPF_PROG_LOAD): EINVAL)",
  );
});

Deno.test("BtfLoadError gives the reason, or says that the log does not, or what is missing where there is no log", () => {
  const error = new BtfLoadError(
    refused(Errno.EINVAL),
    "[1] INT int size=0 Invalid size\n",
    "type int: Invalid size",
  );
  assert.match(error.message, /^Cannot load the object's BTF: type int: Invalid size \(.*EINVAL\)$/);
  assert.equal(
    new BtfLoadError(refused(Errno.EINVAL), "[1] FWD f struct\n").reason,
    "its log does not say why",
  );
  assert.equal(new BtfLoadError(refused(Errno.EINVAL), "").reason, "the kernel refuses it");
});

Deno.test("what was refused without its object's BTF says why that is not there, unless privileges are missing", () => {
  const btf = new BtfLoadError(refused(Errno.EINVAL), "...", "variable started: Invalid size");
  const note =
    / \(without BTF, for the kernel refuses that of the object: variable started: Invalid size\) \(/;
  const log = "map 'm' has to have BTF in order to use bpf_spin_lock\n";
  assert.match(
    new VerifierError("p", refused(Errno.EINVAL), log, { ...origin(), btfRefusal: btf }).message,
    note,
  );
  const map = new MapCreateError(ARRAY_M, refused(Errno.EINVAL), SYS_ADMIN, btf);
  assert.match(map.message, note);
  const denied = new BtfLoadError(refused(Errno.EPERM), "");
  assert.doesNotMatch(new MapCreateError(ARRAY_M, refused(Errno.EPERM), 0n, denied).message, /BTF/);
});

Deno.test("lockdownHint() blames lockdown for helpers that it takes away, and for nothing else", () => {
  const reason = "unknown func bpf_probe_read_kernel#113";
  assert.match(lockdownHint(reason, "confidentiality"), /lockdown=integrity/);
  assert.equal(lockdownHint(reason, "integrity"), "");
  assert.equal(lockdownHint(reason, undefined), "");
  assert.equal(lockdownHint("invalid mem access 'scalar'", "confidentiality"), "");
});

const ARRAY_M = mapSpec({ name: "m", type: BpfMapType.ARRAY, maxEntries: 3, flags: BpfMapFlag.MMAPABLE });

Deno.test("MapCreateError names the limit on locked memory where capabilities suffice, and else what is missing", () => {
  const cause = new SyscallError("create map m", "bpf(BPF_MAP_CREATE)", Errno.EPERM);
  assert.match(
    new MapCreateError(ARRAY_M, cause, PERFMON | 1n << 39n).message,
    /^Cannot create map m: .*ulimit -l/,
  );
  assert.match(new MapCreateError(ARRAY_M, cause, PERFMON).message, /^Cannot create map m: CAP_BPF missing/);
  const other = new SyscallError("create map m", "bpf(BPF_MAP_CREATE)", Errno.E2BIG);
  assert.doesNotMatch(new MapCreateError(ARRAY_M, other, SYS_ADMIN).message, /ulimit|CAP_/);
});

Deno.test("MapCreateError shows the attributes that the kernel looked at", () => {
  const cause = new SyscallError("create map m", "bpf(BPF_MAP_CREATE)", Errno.EINVAL);
  const error = new MapCreateError(ARRAY_M, cause);
  assert.match(
    error.message,
    / \(type ARRAY, key_size 4, value_size 8, max_entries 3, map_flags 0x400; bpf\(BPF_MAP_CREATE\): EINVAL\)$/,
  );
  assert.equal(error.map, "m");
});
