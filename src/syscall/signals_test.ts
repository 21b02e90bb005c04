import assert from "node:assert/strict";
import { processId } from "./process.ts";
import { withSignalsBlocked } from "./signals.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** The signals that this thread does not take, as the kernel has them. */
function blocked(): bigint {
  const text = Deno.readTextFileSync("/proc/thread-self/status");
  return BigInt(`0x${/^SigBlk:\t(\w+)$/m.exec(text)![1]}`);
}

Deno.test("withSignalsBlocked() blocks what can be blocked, and gives result and mask back", () => {
  const before = blocked();
  const during = withSignalsBlocked(blocked);
  const bit = (signal: number) => 1n << BigInt(signal - 1);
  // SIGHUP, SIGINT, SIGPROF and SIGCHLD; SIGKILL and SIGSTOP cannot be blocked.
  for (const signal of [1, 2, 27, 17]) assert.ok(during & bit(signal), `signal ${signal}`);
  for (const signal of [9, 19]) assert.equal(during & bit(signal), 0n);
  assert.equal(blocked(), before);
  assert.throws(() => withSignalsBlocked(() => assert.fail("thrown inside")), /thrown inside/);
  assert.equal(blocked(), before);
});
