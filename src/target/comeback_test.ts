import assert from "node:assert/strict";
import type { Place, Process } from "../discovery/mod.ts";
import { Comeback } from "./comeback.ts";

const UNIT: Place = { kind: "unit", path: "/sys/fs/cgroup/system.slice/db.service" };
const SHELL: Place = { kind: "shared", membership: "/" };
const POD: Place = { kind: "pod", path: "/sys/fs/cgroup/pod" };

const GRACE_MS = 60_000;

const PROCESS: Process = { pid: 7, comm: "banyand", startTime: 4711n };

function comeback(gone: ReadonlySet<Place> = new Set()): Comeback {
  return new Comeback(GRACE_MS, (place) => !gone.has(place));
}

Deno.test("Comeback takes any process where there was no target before", () => {
  assert.equal(comeback().former(0), undefined);
  assert.equal(comeback().home(), undefined);
});

Deno.test("Comeback waits for the target where it was, until the grace time is over", () => {
  const target = comeback();
  target.watched(UNIT, PROCESS);
  target.ended(1000);
  target.ended(30_000);
  assert.deepEqual(target.former(1000), { places: [UNIT], mayLeave: false, process: PROCESS });
  assert.deepEqual(target.former(60_999), { places: [UNIT], mayLeave: false, process: PROCESS });
  assert.deepEqual(target.former(61_000), { places: [UNIT], mayLeave: true, process: PROCESS });
});

Deno.test("Comeback waits again after each end", () => {
  const target = comeback();
  for (const endMs of [0, 500_000]) {
    target.watched(UNIT, PROCESS);
    target.ended(endMs);
    assert.equal(target.former(endMs + GRACE_MS - 1)?.mayLeave, false);
    assert.equal(target.former(endMs + GRACE_MS)?.mayLeave, true);
  }
});

Deno.test("Comeback leaves a place that is gone at once", () => {
  const gone = new Set<Place>();
  const target = comeback(gone);
  target.watched(POD, PROCESS);
  target.ended(0);
  assert.equal(target.former(1)?.mayLeave, false);
  gone.add(POD);
  assert.equal(target.former(2)?.mayLeave, true);
});

Deno.test("Comeback goes back to where the target was first, as long as that place is there", () => {
  const gone = new Set<Place>();
  const target = comeback(gone);
  target.watched(POD, PROCESS);
  assert.equal(target.home(), undefined);
  target.ended(0);
  target.watched(SHELL, PROCESS);
  assert.deepEqual(target.home(), { places: [POD], mayLeave: false });
  target.ended(100_000);
  assert.deepEqual(target.former(100_000), { places: [POD, SHELL], mayLeave: false, process: PROCESS });
  target.watched(POD, PROCESS);
  assert.equal(target.home(), undefined);
  target.watched(SHELL, PROCESS);
  gone.add(POD);
  target.watched(UNIT, PROCESS);
  assert.equal(target.home(), undefined);
});
