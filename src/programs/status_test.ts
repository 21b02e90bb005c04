import assert from "node:assert/strict";
import { isHistogram } from "../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import { probeSamples } from "./status.ts";

const SERVED: ProbeStatus = {
  probe: "served",
  serving: { strategy: "tp_btf", programs: ["a"], exact: false },
  failures: [],
};
const LOST: ProbeStatus = {
  probe: "lost",
  serving: undefined,
  failures: [{ strategy: "tp_btf", reason: "no" }],
};

Deno.test("probeSamples() shows a strategy only of probes that have one, and the module of each", () => {
  const values = probeSamples("some", [SERVED, LOST]).map((sample) => {
    assert.ok(!isHistogram(sample));
    return [sample.family.name, { ...sample.labels }, sample.value];
  });
  assert.deepEqual(values, [
    ["ktm_probe_info", { module: "some", probe: "served", strategy: "tp_btf", exact: "false" }, 1n],
    ["ktm_probe_attached", { module: "some", probe: "served" }, 1n],
    ["ktm_probe_attached", { module: "some", probe: "lost" }, 0n],
  ]);
});
