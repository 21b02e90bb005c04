import assert from "node:assert/strict";
import { activityBetween } from "./activity.ts";
import { columnsOf, type History, NO_HISTORY, ticksInColumn, withTick } from "./history.ts";
import { scalar, snapshotOf } from "./testing_view.ts";

function historyOf(misses: readonly (bigint | undefined)[]): History {
  return misses.reduce((history, count) => {
    const [before, after] = count === undefined
      ? [snapshotOf(0), snapshotOf(1000)]
      : [0n, count].map((value, index) => snapshotOf(index * 1000, scalar("ktm_cache_misses_total", value)));
    return withTick(history, activityBetween(before, after!), 1000);
  }, NO_HISTORY);
}

Deno.test("columnsOf() has the newest tick in the last column", () => {
  assert.deepEqual(columnsOf(historyOf([1n, 2n, 3n]), "misses/s", 5, 1), [undefined, undefined, 1, 2, 3]);
  assert.deepEqual(columnsOf(historyOf([1n, 2n, 3n]), "misses/s", 2, 1), [2, 3]);
});

Deno.test("columnsOf() shows the highest of the ticks that share a column, which they do not change", () => {
  assert.deepEqual(columnsOf(historyOf([5n, 1n, 2n, 7n]), "misses/s", 3, 2), [undefined, 5, 7]);
  // The fifth tick opens a column of its own, and the pairs before stay pairs.
  assert.deepEqual(columnsOf(historyOf([5n, 1n, 2n, 7n, 3n]), "misses/s", 3, 2), [5, 7, 3]);
});

Deno.test("columnsOf() has a gap where nothing was measured", () => {
  assert.deepEqual(columnsOf(historyOf([1n, undefined, 3n]), "misses/s", 3, 1), [1, undefined, 3]);
});

Deno.test("withTick() keeps three minutes, or what the widest screen can show", () => {
  let fast = NO_HISTORY;
  const nothing = activityBetween(undefined, snapshotOf(0));
  for (let tick = 0; tick < 2000; tick++) fast = withTick(fast, nothing, 100);
  assert.equal(fast.points.length, 1800);
  assert.equal(fast.count, 2000);
  let slow = NO_HISTORY;
  for (let tick = 0; tick < 2000; tick++) slow = withTick(slow, nothing, 1000);
  assert.equal(slow.points.length, 1024);
});

Deno.test("ticksInColumn() makes the columns reach back three minutes, and never divides a tick", () => {
  assert.equal(ticksInColumn(30, 1000), 6);
  assert.equal(ticksInColumn(29, 1000), 7);
  assert.equal(ticksInColumn(30, 10_000), 1);
});
