import assert from "node:assert/strict";
import { Errno, type FileDescriptor, processId, SyscallError } from "../syscall/mod.ts";
import { readKernelLog, USUAL_LOG_SIZE } from "./kernel_log.ts";

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
  const text = "x".repeat(USUAL_LOG_SIZE);
  assert.deepEqual(readKernelLog(kernel(text, Errno.EINVAL)), { text, isWhole: true });
});

Deno.test("readKernelLog() gives what it has where no buffer is large enough", () => {
  assert.deepEqual(readKernelLog(kernel("abcdef", Errno.EINVAL), [2, 4]), { text: "abc", isWhole: false });
});

Deno.test("readKernelLog() gives nothing of an attempt that was interrupted", () => {
  assert.equal(readKernelLog(kernel("half a verdict", Errno.EAGAIN)).text, "");
});
