import assert from "node:assert/strict";
import { isHistogram } from "../../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import { Status, statusSamples } from "./status.ts";

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

/** Values by name and labels. */
function valuesOf(status: bigint, targetUp: boolean, probes: readonly ProbeStatus[] = []) {
  return Object.fromEntries(
    statusSamples(status, targetUp, probes).map((sample) => {
      assert.ok(!isHistogram(sample));
      const labels = Object.entries(sample.labels).map(([name, value]) => `,${name}=${value}`).join("");
      return [`${sample.family.name}${labels}`, sample.value];
    }),
  );
}

Deno.test("statusSamples() tells the states apart", () => {
  assert.deepEqual(valuesOf(Status.DISABLED, false), { ktm_status: 0n, ktm_degraded: 0n, ktm_target_up: 0n });
  assert.deepEqual(valuesOf(Status.DEGRADED, true), { ktm_status: 1n, ktm_degraded: 1n, ktm_target_up: 1n });
  assert.deepEqual(valuesOf(Status.FULL, true), { ktm_status: 2n, ktm_degraded: 0n, ktm_target_up: 1n });
});

Deno.test("statusSamples() shows a strategy only of probes that have one", () => {
  const values = valuesOf(Status.FULL, true, [SERVED, LOST]);
  assert.equal(values["ktm_probe_info,probe=served,strategy=tp_btf,exact=false"], 1n);
  assert.equal(values["ktm_probe_attached,probe=served"], 1n);
  assert.equal(values["ktm_probe_attached,probe=lost"], 0n);
  assert.equal(Object.keys(values).filter((name) => name.startsWith("ktm_probe_info")).length, 1);
});
