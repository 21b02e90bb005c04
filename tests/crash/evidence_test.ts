import assert from "node:assert/strict";
import { countOf, type Dump, listRows, losses, missedCollections, READ_LATENCY, rowsOf } from "./evidence.ts";

/** A dump of one source with a counter that has these values at these times. */
function dump(values: Readonly<Record<number, string | null>>, source = "io"): Dump {
  const timesMs = Object.keys(values).map(Number);
  const series = [{ name: "reads", labels: {}, part: "value", values: Object.values(values) }];
  return { version: 1, sources: [{ source, timesMs, series }] };
}

Deno.test("losses() names rows that are missing and rows that have another value", () => {
  const before = rowsOf(dump({ 10: "1", 20: "2", 30: null }));
  assert.deepEqual(losses(before, before), { rows: 3, missing: [], changed: [] });
  const after = rowsOf(dump({ 20: "3", 30: null, 40: "4" }));
  assert.deepEqual(losses(before, after), { rows: 3, missing: ["io 10"], changed: ["io 20"] });
});

Deno.test("losses() finds a value where there was a gap, and a gap where there was a value", () => {
  const before = rowsOf(dump({ 10: "1", 20: null }));
  assert.deepEqual(losses(before, rowsOf(dump({ 10: null, 20: "1" }))).changed, ["io 10", "io 20"]);
});

Deno.test("rows of one time are told apart by the monotonic clock, where there is one", () => {
  const { sources: [source] } = dump({ 10: "1" });
  const twice = [{ ...source!, life: 1, monotonicMs: [5] }, { ...source!, life: 2, monotonicMs: [7] }];
  assert.deepEqual([...rowsOf({ version: 2, sources: twice }).keys()], ["io 5", "io 7"]);
});

Deno.test("countOf() adds the buckets of a histogram and no other series", () => {
  const bucket = (name: string, upperBound: string, value: string) => ({
    name,
    labels: {},
    part: "bucket",
    upperBound,
    values: [value],
  });
  const series = [
    bucket(READ_LATENCY, "1000", "4"),
    bucket(READ_LATENCY, "+Inf", "1"),
    bucket("ktm_sys_pread_latency_seconds", "1000", "100"),
    { ...bucket(READ_LATENCY, "", "1000"), part: "sum" },
  ];
  const [row] = listRows({ version: 1, sources: [{ source: "io", timesMs: [1], series }] });
  assert.equal(countOf(row!, READ_LATENCY), 5);
  assert.equal(countOf(row!, "ktm_other"), undefined);
});

Deno.test("missedCollections() finds the numbers that no row has", () => {
  const numbers = { 10: "3", 20: "4", 30: "7" };
  const series = [{
    name: "ktm_collections_total",
    labels: {},
    part: "value",
    values: Object.values(numbers),
  }];
  const rows = listRows({ version: 1, sources: [{ source: "ktm", timesMs: [10, 20, 30], series }] });
  assert.deepEqual(missedCollections(rows), [5, 6]);
});
