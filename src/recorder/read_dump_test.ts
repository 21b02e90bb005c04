import assert from "node:assert/strict";
import type { MetricFamily, SourceWindow } from "../metrics/mod.ts";
import { dumpWindows } from "./dump.ts";
import { DUMP_LIMITS, readDump } from "./read_dump.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "", unit: "ns" };

const WINDOWS: readonly SourceWindow[] = [
  {
    source: "io",
    timesMs: [-1, 0, 1_700_000_000_000],
    series: [
      {
        family: READS,
        labels: { cpu: "0", "__proto__x": "y" },
        part: "value",
        upperBound: undefined,
        values: [0n, undefined, 2n ** 64n - 1n],
      },
      {
        family: LEVEL,
        labels: {},
        part: "value",
        upperBound: undefined,
        values: [-(2n ** 63n), 0n, 2n ** 63n - 1n],
      },
      { family: LATENCY, labels: {}, part: "bucket", upperBound: 1_000n, values: [0n, 1n, 2n] },
      { family: LATENCY, labels: {}, part: "bucket", upperBound: undefined, values: [0n, 1n, 2n] },
      { family: LATENCY, labels: {}, part: "sum", upperBound: undefined, values: [undefined, 1n, 2n] },
    ],
  },
  { source: "ktm", timesMs: [], series: [] },
];

type Tree = { [key: string]: unknown } & unknown[];

/** The dump of the windows with one place changed. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const dump = JSON.parse(JSON.stringify(dumpWindows(WINDOWS)));
  let node = dump as Tree;
  for (const name of path.slice(0, -1)) node = node[name as number] as Tree;
  if (value === undefined) delete node[path.at(-1) as number];
  else node[path.at(-1) as number] = value;
  return JSON.stringify(dump);
}

Deno.test("readDump() gives back what dumpWindows() was given", () => {
  assert.deepEqual(readDump(JSON.stringify(dumpWindows(WINDOWS))), WINDOWS);
});

const SERIES = ["sources", 0, "series", 0];

const BAD: readonly (readonly [path: readonly (string | number)[], value: unknown, message: RegExp])[] = [
  [["version"], 2, /: version: expected 1, got 2$/],
  [["version"], undefined, /: version: missing, 1 expected$/],
  [["version"], "1", /: version: expected 1, got "1"$/],
  [["sources"], undefined, /: sources is missing$/],
  [["sources"], {}, /: sources: expected a list, got \{\}$/],
  [["more"], 1, /: unknown key "more"$/],
  [["sources", 0], null, /: sources\[0\]: expected an object, got null$/],
  [["sources", 0, "source"], 3, /: sources\[0\]\.source: expected a text, got 3$/],
  [
    ["sources", 0, "timesMs", 1],
    0.5,
    /: sources\[0\]\.timesMs\[1\]: expected whole milliseconds since 1970, got 0\.5$/,
  ],
  [["sources", 0, "timesMs", 1], "0", /timesMs\[1\]: expected whole milliseconds since 1970, got "0"$/],
  [
    ["sources", 0, "timesMs", 1],
    8.65e15,
    /timesMs\[1\]: expected whole milliseconds since 1970, got 8650000000000000$/,
  ],
  [["sources", 0, "timesMs"], [1], /: sources\[0\]\.series\[0\]\.values: 3 values for 1 timestamps$/],
  [
    [...SERIES, "type"],
    "summary",
    /series\[0\]\.type: expected one of counter, gauge, histogram, got "summary"$/,
  ],
  [[...SERIES, "unit"], "s", /series\[0\]\.unit: expected one of 1, ns, got "s"$/],
  [[...SERIES, "part"], "sum", /series\[0\]\.part: sum is no part of a counter$/],
  [[...SERIES, "part"], "count", /series\[0\]\.part: expected one of value, bucket, sum, got "count"$/],
  [[...SERIES, "name"], undefined, /series\[0\]: name is missing$/],
  [[...SERIES, "help"], "", /series\[0\]: unknown key "help"$/],
  [[...SERIES, "labels"], [], /series\[0\]\.labels: expected an object, got a list$/],
  [[...SERIES, "labels", "cpu"], 0, /series\[0\]\.labels\.cpu: expected a text, got 0$/],
  [[...SERIES, "upperBound"], "1000", /series\[0\]: upperBound is for buckets only$/],
  [["sources", 0, "series", 2, "upperBound"], undefined, /series\[2\]: upperBound is missing$/],
  [
    ["sources", 0, "series", 2, "upperBound"],
    "-1",
    /series\[2\]\.upperBound: expected a decimal text .*, got "-1"$/,
  ],
  ...[1, "", "1.5", "0x10", "-1", "18446744073709551616", "9".repeat(100_000)].map((value) =>
    [
      [...SERIES, "values", 2],
      value,
      /series\[0\]\.values\[2\]: expected a decimal text of 64 bits without sign, got .{1,50}$/,
    ] as const
  ),
  [
    ["sources", 0, "series", 1, "values", 0],
    "9223372036854775808",
    /series\[1\]\.values\[0\]: expected a decimal text of 64 bits, got/,
  ],
];

for (const [path, value, message] of BAD) {
  const name = `${path.join(".")} = ${JSON.stringify(value)?.slice(0, 30)}`;
  Deno.test(`readDump() says what is wrong and where: ${name}`, () => {
    assert.throws(() => readDump(changed(path, value)), { name: "DumpError", message });
  });
}

Deno.test("readDump() says so of what is no JSON, or no object", () => {
  assert.throws(() => readDump("{"), {
    name: "DumpError",
    message: /^Cannot read the dump: it is no JSON: /,
  });
  assert.throws(() => readDump(""), { name: "DumpError" });
  assert.throws(() => readDump("[]"), { message: "Cannot read the dump: expected an object, got a list" });
  assert.throws(() => readDump("null"), { message: "Cannot read the dump: expected an object, got null" });
});

Deno.test("readDump() refuses more than it wants to hold before it holds it", () => {
  const many = Array.from({ length: DUMP_LIMITS.items + 1 }, () => 0);
  assert.throws(() => readDump(JSON.stringify({ version: 1, sources: many })), {
    message: "Cannot read the dump: sources: 10001 items, at most 10000 are read",
  });
  const timesMs = Array.from({ length: 2000 }, () => 0);
  const source = { source: "io", timesMs, series: many.slice(1) };
  assert.throws(() => readDump(JSON.stringify({ version: 1, sources: [source] })), {
    message: /: sources\[0\]\.series: 20000000 values, at most 8388608 are read$/,
  });
});
