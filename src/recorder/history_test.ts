import assert from "node:assert/strict";
import type { MetricFamily } from "../metrics/mod.ts";
import { blockBytes, ROWS } from "./block.ts";
import { History } from "./history.ts";
import { type Point, pointsOf } from "./point.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };

function rowOf(values: Record<string, bigint>): Point[] {
  return pointsOf(
    Object.entries(values).map(([series, value]) => ({ family: READS, labels: { series }, value })),
  );
}

function historyOf(rows: readonly Record<string, bigint>[]): History {
  const history = new History();
  for (const [index, values] of rows.entries()) {
    const before = history.byteLength;
    const growth = history.growth(rowOf(values));
    history.append({ timeMs: index, monotonicMs: index }, rowOf(values));
    assert.equal(history.byteLength - before, growth, `row ${index}`);
  }
  return history;
}

function valuesOf(history: History): Record<string, readonly (bigint | undefined)[]> {
  const { series } = history.window({});
  return Object.fromEntries(series.map(({ labels, values }) => [labels["series"] ?? "", values]));
}

Deno.test("History gives a series gaps where it was absent and goes on when it reappears", () => {
  const history = historyOf([{ a: 1n }, { a: 2n, b: 0n }, { b: 5n }, { a: 3n }]);
  assert.deepEqual(valuesOf(history), {
    a: [1n, 2n, undefined, 3n],
    b: [undefined, 0n, 5n, undefined],
  });
});

Deno.test("History keeps series apart when they come and go across blocks", () => {
  const rows = Array.from({ length: 5 * ROWS + 7 }, (_, row): Record<string, bigint> => {
    const value = BigInt(row);
    if (row < ROWS) return { a: value, b: value + 1000n };
    if (row < 3 * ROWS) return { b: value + 1000n };
    return row % 2 ? { c: value + 2000n, a: value } : { b: value + 1000n, c: value + 2000n };
  });
  const history = historyOf(rows);
  for (const [series, values] of Object.entries(valuesOf(history))) {
    assert.deepEqual(values, rows.map((row) => row[series]), series);
  }
});

Deno.test("History takes no memory for a series that was absent from a whole block", () => {
  const row = { a: 1n };
  const history = historyOf([{ a: 1n, b: 1n }, ...Array(2 * ROWS).fill(row)]);
  assert.equal(history.byteLength, 2 * blockBytes(2) + blockBytes(1));
});

Deno.test("History drops its oldest rows and then has none", () => {
  const history = historyOf(Array.from({ length: ROWS + 1 }, (_, row) => ({ a: BigInt(row) })));
  history.dropOldest();
  assert.equal(history.oldestMs, ROWS);
  assert.deepEqual(valuesOf(history), { a: [BigInt(ROWS)] });
  history.dropOldest();
  assert.deepEqual([history.oldestMs, history.byteLength], [undefined, 0]);
  assert.deepEqual(history.window({}), { timesMs: [], monotonicMs: [], series: [] });
});

Deno.test("History keeps the timestamps of rows without series", () => {
  const window = historyOf([{}, {}]).window({});
  assert.deepEqual(window, { timesMs: [0, 1], monotonicMs: [0, 1], series: [] });
});

Deno.test("History.hold() keeps the content of blocks that are dropped, until it is disposed", () => {
  const history = historyOf(Array.from({ length: 2 * ROWS }, (_, row) => ({ a: BigInt(row) })));
  const held = history.hold();
  history.dropOldest();
  assert.deepEqual(held.blocks.map(({ block }) => block.get(0, 1)), [1n, BigInt(ROWS + 1)]);
  held[Symbol.dispose]();
  history.dropOldest();
  assert.equal(held.blocks[1]!.block.byteLength, 0);
});

Deno.test("History.close() gives the room for further rows back, and keeps what is held", () => {
  const rows = Array.from({ length: ROWS + 3 }, (_, row) => ({ a: BigInt(row), b: 1n }));
  const history = historyOf(rows);
  const before = history.window({});
  using held = history.hold();
  history.close();
  assert.equal(history.byteLength, blockBytes(2) + blockBytes(2, 3));
  assert.deepEqual(history.window({}), before);
  assert.equal(held.blocks[1]!.block.get(0, 2), BigInt(ROWS + 2));
});
