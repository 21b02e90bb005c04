import assert from "node:assert/strict";
import { processId } from "../syscall/mod.ts";
import { discoverTarget, targetState } from "./target.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("discoverTarget() names the prefix and the remedy when nothing matches", () => {
  assert.deepEqual(discoverTarget({ commPrefix: 'no"such' }), {
    found: false,
    reason: 'no process in /proc has a comm that starts with "no\\"such"; ' +
      "start it, or in Kubernetes set shareProcessNamespace: true",
  });
});

Deno.test("discoverTarget() rejects a prefix that cannot match", () => {
  assert.throws(() => discoverTarget({ commPrefix: "" }), { name: "RangeError" });
});

Deno.test("targetState() is stopped when the pid belongs to a later process and there is no cgroup", () => {
  const process = { pid: processId(), comm: "banyand", startTime: 0n };
  assert.equal(targetState({ mode: "degraded", process, others: [], reason: "" }), "stopped");
});

Deno.test("targetState() is gone when the directory is another cgroup", () => {
  const cgroup = { path: "/proc", id: 0n, level: 1 };
  assert.equal(targetState({ mode: "full", cgroup, others: [], reason: "" }), "gone");
});

/** As the kernel lists a process of the pod that the PID namespace does not show. */
const HIDDEN = {
  pid: 0,
  comm: "banyand",
  startTime: 4711n,
  cgroup: { id: 42n, level: 4, holdsSelf: false },
};

Deno.test("discoverTarget() watches a process without a pid by the cgroup that the kernel tells", () => {
  const discovery = discoverTarget({
    commPrefix: "banyand",
    candidates: [HIDDEN],
    askKernel: () => [HIDDEN],
  });
  assert.deepEqual(discovery, {
    found: true,
    target: {
      mode: "full",
      process: HIDDEN,
      cgroup: { id: 42n, level: 4 },
      others: [],
      reason: "a process of the pod, in another PID namespace (banyand): " +
        "it is in cgroup 42, which no mount shows here",
    },
  });
});

Deno.test("discoverTarget() leaves a process without a pid alone that ends meanwhile", () => {
  const discovery = discoverTarget({ commPrefix: "banyand", candidates: [HIDDEN], askKernel: () => [] });
  assert.equal(discovery.found, false);
});

Deno.test("targetState() tells processes without a pid that began at the same time by their cgroups", () => {
  const target = {
    mode: "full",
    process: HIDDEN,
    cgroup: { id: 42n, level: 4 },
    others: [],
    reason: "",
  } as const;
  const other = { ...HIDDEN, cgroup: { ...HIDDEN.cgroup, id: 43n } };
  assert.equal(targetState(target, { askKernel: () => [other, HIDDEN] }), "running");
  assert.equal(targetState(target, { askKernel: () => [other] }), "stopped");
});
