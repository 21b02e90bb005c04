import assert from "node:assert/strict";
import { type Probe, PROBES, whenPreemptible } from "./probes.ts";

Deno.test("whenPreemptible() has fentry for a bound only, after every way that is exact", () => {
  for (const { probe, strategies } of whenPreemptible(PROBES)) {
    const exact = strategies.map(({ exact }) => exact);
    assert.deepEqual(exact, exact.toSorted((a, b) => Number(b) - Number(a)), probe);
    assert.ok(strategies.every(({ strategy, exact }) => strategy !== "fentry" || !exact), probe);
  }
});

Deno.test("whenPreemptible() loses no strategy, and keeps their order among equals", () => {
  const strategies = (["fentry", "tp_btf", "tracepoint", "kprobe"] as const).map((strategy) => ({
    strategy,
    programs: [strategy],
    exact: strategy !== "kprobe",
  }));
  const probes: Probe[] = [{ probe: "sys_read", strategies }];
  assert.deepEqual(
    whenPreemptible(probes)[0]?.strategies.map(({ strategy }) => strategy),
    ["tp_btf", "tracepoint", "fentry", "kprobe"],
  );
});
