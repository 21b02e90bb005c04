import assert from "node:assert/strict";
import { isHistogram } from "../metrics/mod.ts";
import type { Target } from "../discovery/mod.ts";
import { Status, statusSamples } from "./status.ts";

/** Values by name and labels. */
function valuesOf(status: bigint, target: Target | undefined) {
  return Object.fromEntries(
    statusSamples(status, target).map((sample) => {
      assert.ok(!isHistogram(sample));
      const labels = Object.entries(sample.labels).map(([name, value]) => `,${name}=${value}`).join("");
      return [`${sample.family.name}${labels}`, sample.value];
    }),
  );
}

const PROCESS = { pid: 812, comm: 'a "b', startTime: 4213n };
const FULL: Target = {
  mode: "full",
  process: PROCESS,
  cgroup: { path: "/sys/fs/cgroup/a", id: 7n, level: 1 },
  others: [],
  reason: "",
};
const DEGRADED: Target = { mode: "degraded", process: PROCESS, others: [], reason: "" };

Deno.test("statusSamples() tells the states apart", () => {
  assert.deepEqual(valuesOf(Status.DISABLED, undefined), {
    ktm_status: 0n,
    ktm_degraded: 0n,
    ktm_target_up: 0n,
  });
  assert.deepEqual(valuesOf(Status.DEGRADED, DEGRADED), {
    ktm_status: 1n,
    ktm_degraded: 1n,
    ktm_target_up: 1n,
    'ktm_target_info,mode=degraded,pid=812,comm=a "b,cgroup=': 1n,
  });
  assert.deepEqual(valuesOf(Status.FULL, FULL), {
    ktm_status: 2n,
    ktm_degraded: 0n,
    ktm_target_up: 1n,
    'ktm_target_info,mode=full,pid=812,comm=a "b,cgroup=/sys/fs/cgroup/a': 1n,
  });
});

Deno.test("statusSamples() names a cgroup that no mount shows by its id, in all its 64 bits", () => {
  const hidden: Target = { ...FULL, cgroup: { id: 2n ** 64n - 2n, level: 3 } };
  assert.equal(
    valuesOf(Status.FULL, hidden)['ktm_target_info,mode=full,pid=812,comm=a "b,cgroup=18446744073709551614'],
    1n,
  );
});

Deno.test("statusSamples() names a configured cgroup also if no process in it matches", () => {
  const { process: _, ...bare } = FULL;
  assert.equal(
    valuesOf(Status.FULL, bare)["ktm_target_info,mode=full,pid=,comm=,cgroup=/sys/fs/cgroup/a"],
    1n,
  );
});
