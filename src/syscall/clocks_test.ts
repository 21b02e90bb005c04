import assert from "node:assert/strict";
import { jiffyNs, threadCpuMs } from "./clocks.ts";
import { processId } from "./processes/process.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("threadCpuMs() grows while the thread runs, and hardly while it waits", async () => {
  const start = threadCpuMs();
  const wall = performance.now();
  while (threadCpuMs() < start + 20);
  assert.ok(performance.now() - wall >= 19);
  const before = threadCpuMs();
  const waited = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(threadCpuMs() - before < (performance.now() - waited) / 2);
});

Deno.test("jiffyNs() is the time of one of the ticks that Linux can have in a second", () => {
  assert.ok([100n, 250n, 300n, 1000n].map((hz) => 1_000_000_000n / hz).includes(jiffyNs()), `${jiffyNs()}`);
});
