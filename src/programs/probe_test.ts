import assert from "node:assert/strict";
import { type Probe, whenPreemptible } from "./probe.ts";

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
