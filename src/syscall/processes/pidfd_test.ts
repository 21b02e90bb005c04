import assert from "node:assert/strict";
import { FileDescriptor } from "../fd.ts";
import { hasProcessEnded, openProcess } from "./pidfd.ts";
import { childState, processId, sendSignal, Signal, spawn } from "./process.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("hasProcessEnded() is true of a zombie, and of a process whose pid is free again", async () => {
  const pid = spawn("/bin/sleep", ["sleep", "1000"], []);
  using process = openProcess(pid);
  assert.equal(hasProcessEnded(process), false);
  sendSignal(pid, Signal.SIGSTOP);
  while (childState(pid).state !== "stopped") await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(hasProcessEnded(process), false);
  sendSignal(pid, Signal.SIGKILL);
  while (!hasProcessEnded(process)) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(childState(pid), { state: "killed", signal: Signal.SIGKILL });
  assert.equal(hasProcessEnded(process), true);
});

Deno.test("openProcess() names the process that is not there", () => {
  // Above the largest PID_MAX_LIMIT of Linux.
  assert.throws(() => openProcess(2 ** 30), {
    code: "ESRCH",
    message: /^Cannot open process 1073741824: /,
  });
});

Deno.test("hasProcessEnded() refuses a descriptor that is closed", () => {
  assert.throws(() => hasProcessEnded(new FileDescriptor(-1)), /Cannot use a file descriptor: it is closed/);
});
