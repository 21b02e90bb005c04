import assert from "node:assert/strict";
import { type Boot, shiftsOf } from "./boots.ts";

const HOUR = 3_600_000;
const NOW = { bootId: "c", timeMs: 100 * HOUR, monotonicMs: HOUR };

Deno.test("shiftsOf() leaves this boot as it is, and puts an earlier one where the wall clock says", () => {
  // It ended two hours before now, so one hour before this boot.
  const earlier: Boot = { id: "b", firstMs: 5, lastMs: 10 * HOUR, offsetMs: 88 * HOUR };
  const shifts = shiftsOf([earlier, { id: "c", firstMs: 1, lastMs: 2, offsetMs: 99 * HOUR }], NOW);
  assert.equal(shifts.get("c"), 0);
  assert.equal(earlier.lastMs + shifts.get("b")!, -HOUR);
});

Deno.test("shiftsOf() keeps boots in order and before this one, also if the wall clock was set back", () => {
  const boots: Boot[] = [
    { id: "a", firstMs: 0, lastMs: HOUR, offsetMs: 500 * HOUR },
    { id: "b", firstMs: 0, lastMs: HOUR, offsetMs: 300 * HOUR },
  ];
  const shifts = shiftsOf(boots, NOW);
  const [a, b] = boots.map(({ id, firstMs, lastMs }) => ({
    first: firstMs + shifts.get(id)!,
    last: lastMs + shifts.get(id)!,
  }));
  assert.ok(a!.last < b!.first && b!.last < 0);
  assert.equal(a!.last - a!.first, HOUR);
});

Deno.test("shiftsOf() takes times of this boot that are still to come for those of another clock", () => {
  const shifts = shiftsOf([{ id: "c", firstMs: 0, lastMs: 9 * HOUR, offsetMs: 90 * HOUR }], NOW);
  assert.ok(9 * HOUR + shifts.get("c")! < 0);
});
