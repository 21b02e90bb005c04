import assert from "node:assert/strict";
import { momentOf, systemClock } from "./clock.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
systemClock.monotonic();

const ONE_YEAR_MS = 365 * 24 * 3600 * 1000;

Deno.test("systemClock.wait() returns at once for a moment that has passed", async () => {
  await systemClock.wait(systemClock.monotonic() - 1, new AbortController().signal);
});

Deno.test("systemClock.wait() does not return before its moment", async () => {
  const until = systemClock.monotonic() + 2.5;
  await systemClock.wait(until, new AbortController().signal);
  assert.ok(systemClock.monotonic() >= until);
});

Deno.test("systemClock.wait() ends when the signal is aborted and leaves no timer", async () => {
  const controller = new AbortController();
  let ended = false;
  const waiting = systemClock.wait(systemClock.monotonic() + ONE_YEAR_MS, controller.signal)
    .then(() => ended = true);
  await Promise.resolve();
  assert.equal(ended, false);
  controller.abort();
  await waiting;
});

Deno.test("systemClock.wait() does not wait on an aborted signal", async () => {
  await systemClock.wait(systemClock.monotonic() + ONE_YEAR_MS, AbortSignal.abort());
});

Deno.test("systemClock.monotonic() is the clock of /proc/uptime, which every process of the machine shares", () => {
  const uptimeMs = () => Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000;
  // It shows hundredths of a second, and also the time of a suspend, which this machine has none of.
  const before = uptimeMs();
  const { monotonicMs } = momentOf(systemClock);
  assert.ok(before - 10 <= monotonicMs && monotonicMs <= uptimeMs() + 10, `${monotonicMs}, uptime ${before}`);
});
