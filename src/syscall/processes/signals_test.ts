import assert from "node:assert/strict";
import { processId } from "./process.ts";
import { blockSignal, ignoreSignal, isBlocked, withSignalsBlocked } from "./signals.ts";

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

const SIGUSR2 = 12;

Deno.test("ignoreSignal() has a signal thrown away, and says what it did before", () => {
  assert.equal(ignoreSignal(SIGUSR2), "default");
  // Unless it is ignored, it ends this process.
  Deno.kill(Deno.pid, "SIGUSR2");
  assert.equal(ignoreSignal(SIGUSR2), "ignored");
  const listener = () => {};
  Deno.addSignalListener("SIGUSR1", listener);
  assert.equal(ignoreSignal(10), "handler");
  Deno.removeSignalListener("SIGUSR1", listener);
});

Deno.test("blockSignal() blocks one signal, and isBlocked() says so", () => {
  for (const signal of [12, 34, 64]) {
    assert.equal(isBlocked(signal), false);
    blockSignal(signal);
    assert.equal(isBlocked(signal), true);
    assert.ok(blocked() & 1n << BigInt(signal - 1));
    assert.equal(isBlocked(signal - 1), false);
  }
});
