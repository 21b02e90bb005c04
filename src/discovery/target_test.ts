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
