import assert from "node:assert/strict";
import { type KeptDump, packDump, packValues, unpackDump, unpackValues } from "./pack.ts";

Deno.test("packValues() writes differences, and what comes more than once only once", () => {
  assert.equal(packValues(["100", "103", "103", "103", "102"]), "100 3 0x2 -1");
  assert.equal(packValues(["7", "7", "7"]), "7 0x2");
});

Deno.test("packValues() begins with a whole number after a gap", () => {
  assert.equal(packValues([null, null, "5", null, "6"]), "-x2 5 - 6");
});

Deno.test("unpackValues() gives what was packed, beyond 53 bits and in runs of equal numbers", () => {
  const lists = [
    [`${2n ** 64n - 1n}`, "0", `${2n ** 63n}`],
    ["5", "5", "10", "15", "20"],
    [null, "3", "3", null, null, "6", "9"],
    ["1"],
  ];
  for (const values of lists) assert.deepEqual(unpackValues(packValues(values)), values);
});

Deno.test("unpackDump() gives the dump that was packed", () => {
  const dump: KeptDump = {
    version: 2,
    lives: [{ number: 1, target: { comm: "a" }, begin: { timeMs: 1, monotonicMs: 2 } }],
    sources: [{
      source: "iomonitor",
      life: 1,
      timesMs: [1_795_353_494_320, 1_795_353_495_320],
      monotonicMs: [-5, 995],
      series: [
        {
          name: "a_total",
          type: "counter",
          unit: "1",
          labels: { x: "1" },
          part: "value",
          values: ["1", null],
        },
        {
          name: "b_seconds",
          type: "histogram",
          unit: "ns",
          labels: {},
          part: "bucket",
          upperBound: "+Inf",
          values: ["2", "9"],
        },
      ],
    }],
  };
  assert.deepEqual(unpackDump(JSON.parse(JSON.stringify(packDump(dump)))), dump);
  const first = { version: 1, sources: [{ source: "iomonitor", timesMs: [1], series: [] }] } as const;
  assert.deepEqual(unpackDump(JSON.parse(JSON.stringify(packDump(first)))), first);
});
