import assert from "node:assert/strict";
import { Errno, type FileDescriptor, processId, SyscallError } from "../syscall/mod.ts";
import { readKernelLog, readVerifierLog } from "./kernel_log.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** A kernel that writes a log as far as the buffer goes, and refuses. */
function kernel(text: string, errno: number) {
  return (log: Uint8Array<ArrayBuffer>): FileDescriptor => {
    const { read } = new TextEncoder().encodeInto(text, log.subarray(0, log.length - 1));
    throw new SyscallError("do", "bpf()", read < text.length ? Errno.ENOSPC : errno);
  };
}

Deno.test("readKernelLog() gives more room until the log fits", () => {
  const text = "x".repeat(1 << 16);
  assert.deepEqual(readKernelLog(kernel(text, Errno.EINVAL)), { text, isWhole: true });
});

Deno.test("readKernelLog() gives what it has where no buffer is large enough", () => {
  assert.deepEqual(readKernelLog(kernel("abcdef", Errno.EINVAL), [2, 4]), { text: "abc", isWhole: false });
});

Deno.test("readKernelLog() gives nothing of an attempt that was interrupted", () => {
  assert.equal(readKernelLog(kernel("half a verdict", Errno.EAGAIN)).text, "");
});

const STATISTICS =
  "BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns (limit 1000000)\n";
const INSTRUCTIONS = "0: (05) goto pc+0\n".repeat(10_000);
const tooComplex = new SyscallError("load program p", "bpf(BPF_PROG_LOAD)", Errno.E2BIG);

/** A kernel whose verifier fills any buffer; it keeps one end of the log, and may be told to leave out instructions. */
function verifier(keep: (log: string, size: number) => string, levels: number[]) {
  return (level: number, log: Uint8Array<ArrayBuffer>): FileDescriptor => {
    levels.push(level);
    const text = (level === 4 ? "" : INSTRUCTIONS) + STATISTICS;
    new TextEncoder().encodeInto(keep(text, log.length - 1), log);
    throw new SyscallError("do", "bpf()", text.length < log.length ? Errno.E2BIG : Errno.ENOSPC);
  };
}

Deno.test("readVerifierLog() reads the end of the log of a program that is too complex, from a small buffer", () => {
  const levels: number[] = [];
  const log = readVerifierLog(tooComplex, verifier((log, size) => log.slice(-size), levels));
  assert.ok(log.endsWith(`0: (05) goto pc+0\n${STATISTICS}`) && log.length < 1 << 16);
  assert.deepEqual(levels, [1]);
});

Deno.test("readVerifierLog() asks kernels before 6.4, which keep the beginning, for statistics only", () => {
  const levels: number[] = [];
  const log = readVerifierLog(tooComplex, verifier((log, size) => log.slice(0, size), levels));
  assert.deepEqual([log, levels], [STATISTICS, [1, 4]]);
});

Deno.test("readVerifierLog() looks for no verdict where there was an interruption", () => {
  const interrupted = new SyscallError("load program p", "bpf(BPF_PROG_LOAD)", Errno.EAGAIN);
  assert.equal(readVerifierLog(interrupted, () => assert.fail("it was loaded again")), "");
});
