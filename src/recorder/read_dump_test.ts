import assert from "node:assert/strict";
import type { Life, MetricFamily, SourceWindow } from "../metrics/mod.ts";
import { dumpRecording } from "./dump_text.ts";
import { DUMP_LIMITS, readDump } from "./read_dump.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "", unit: "ns" };

const WINDOWS: readonly SourceWindow[] = [
  {
    source: "io",
    life: 2,
    timesMs: [-1, 0, 1_700_000_000_000],
    monotonicMs: [-7, 5, 5],
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
  { source: "ktm", timesMs: [], monotonicMs: [], series: [] },
];

const LIVES: readonly Life[] = [
  {
    number: 1,
    target: { comm: "banyand", pid: 7, cgroup: "/sys/fs/cgroup/db" },
    begin: { timeMs: 1_700_000_000_000, monotonicMs: -7.25 },
    end: { timeMs: 1_700_000_000_500, monotonicMs: 3, how: "signal", signal: 11, dumpedCore: true },
  },
  {
    number: 2,
    target: { comm: "banyand" },
    begin: { timeMs: 0, monotonicMs: 3 },
    end: { timeMs: 5, monotonicMs: 4, how: "exit", status: 3 },
  },
  { number: 3, target: { comm: "banyand" }, begin: { timeMs: 0, monotonicMs: 5 } },
];

const RECORDING = { lives: LIVES, windows: WINDOWS };

type Tree = { [key: string]: unknown } & unknown[];

/** The dump of the windows with one place changed. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const dump = JSON.parse(JSON.stringify(dumpRecording(RECORDING)));
  let node = dump as Tree;
  for (const name of path.slice(0, -1)) node = node[name as number] as Tree;
  if (value === undefined) delete node[path.at(-1) as number];
  else node[path.at(-1) as number] = value;
  return JSON.stringify(dump);
}

Deno.test("readDump() gives back what dumpRecording() was given", () => {
  assert.deepEqual(readDump(JSON.stringify(dumpRecording(RECORDING))), RECORDING);
});

const SERIES = ["sources", 0, "series", 0];

const BAD: readonly (readonly [path: readonly (string | number)[], value: unknown, message: RegExp])[] = [
  [["version"], 3, /: version: expected 1 or 2, got 3$/],
  [["version"], undefined, /: version: missing, 1 or 2 expected$/],
  [["version"], "1", /: version: expected 1 or 2, got "1"$/],
  [["lives"], undefined, /: lives is missing$/],
  [["lives"], null, /: lives: expected a list, got null$/],
  [["lives", 0, "end", "monotonicMs"], -8, /: lives\[0\]\.end\.monotonicMs: -8 is before the beginning$/],
  [["lives", 0, "number"], -1, /: lives\[0\]\.number: expected a whole number, got -1$/],
  [["lives", 0, "target", "comm"], undefined, /: lives\[0\]\.target: comm is missing$/],
  [["lives", 0, "target", "pid"], "7", /: lives\[0\]\.target\.pid: expected a whole number, got "7"$/],
  [["lives", 0, "begin"], 5, /: lives\[0\]\.begin: expected an object, got 5$/],
  [
    ["lives", 0, "begin", "timeMs"],
    1e300,
    /: lives\[0\]\.begin\.timeMs: expected milliseconds, got 1e\+300$/,
  ],
  [
    ["lives", 0, "end", "how"],
    "fire",
    /end\.how: expected one of exit, signal, oom, unknown, unwatched, got "fire"$/,
  ],
  [["lives", 0, "end", "dumpedCore"], 1, /end\.dumpedCore: expected true or false, got 1$/],
  [["lives", 0, "end", "reason"], "", /lives\[0\]\.end: unknown key "reason"$/],
  [["sources", 0, "life"], 1.5, /: sources\[0\]\.life: expected a whole number, got 1\.5$/],
  [["sources", 0, "monotonicMs"], undefined, /: sources\[0\]: monotonicMs is missing$/],
  [["sources", 0, "monotonicMs"], [1], /: sources\[0\]\.monotonicMs: 1 times for 3 timestamps$/],
  [["sources", 0, "monotonicMs", 2], 4, /monotonicMs\[2\]: 4 after 5, the clock never goes back$/],
  [["sources", 0, "monotonicMs", 2], null, /monotonicMs\[2\]: expected milliseconds, got null$/],
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
  [["sources", 0, "timesMs"], [1], /: sources\[0\]\.monotonicMs: 3 times for 1 timestamps$/],
  [[...SERIES, "values"], [], /: sources\[0\]\.series\[0\]\.values: 0 values for 3 timestamps$/],
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

Deno.test("readDump() reads version 1, whose wall clock may have been set back", () => {
  const dump = { version: 1, sources: [{ source: "io", timesMs: [10, 20, 5, 30], series: [] }] };
  assert.deepEqual(readDump(JSON.stringify(dump)), {
    lives: [],
    windows: [{ source: "io", timesMs: [10, 20, 5, 30], monotonicMs: [10, 20, 20, 30], series: [] }],
  });
});

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
