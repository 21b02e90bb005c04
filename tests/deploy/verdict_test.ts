/** The alerts and `explain`, asked about the same reads: they say the same, at the edge of each number as well. */
import assert from "node:assert/strict";
import { explainWindows } from "../../src/diagnosis/mod.ts";
import { repeat, type Second, windowOf } from "../../src/diagnosis/testing_window.ts";
import type { SeriesWindow } from "../../src/metrics/mod.ts";
import { output } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { RULES } from "./prometheus.ts";

/** Alerts on reads, by the workload that `explain` finds; where there is no incident, there is no alert. */
const ALERTS: Readonly<Record<string, readonly string[]>> = {
  "W3": ["KtmEviction", "KtmReadLatencyRaised"],
  "W4": ["KtmContention", "KtmReadLatencyRaised"],
  "W5": ["KtmMemoryPressure", "KtmReadLatencyRaised"],
  "unexplained": ["KtmReadLatencyRaised"],
};

type Expected = "W3" | "W4" | "W5" | "unexplained" | "none";

/** Reads of one latency: the bucket that holds them. */
function reads(bucket: number, events: Second["events"] = {}): Second {
  return { pread: { [bucket]: 1000 }, events };
}

const MISSING = { adds: 500, addedPages: 500 };
const RECLAIM = { scanned: 1000, reclaimed: 1000, deletes: 1000 };
const DROPPED = { ...MISSING, deletes: 2000 };

/** Buckets 8, 9 and 13 end at 256 us, 512 us and 8.2 ms. */
const CASES: readonly (readonly [name: string, before: Second, after: Second, expected: Expected])[] = [
  ["as usual", reads(2, MISSING), reads(2, MISSING), "none"],
  ["up to the floor", reads(2), reads(8), "none"],
  ["beyond the floor", reads(2), reads(9), "unexplained"],
  ["one bucket higher", reads(12), reads(13), "none"],
  ["two buckets higher", reads(11), reads(13), "unexplained"],
  ["the tail alone", reads(2), { pread: { 2: 980, 13: 20 } }, "unexplained"],
  ["less of the tail than p99", reads(2), { pread: { 2: 995, 13: 5 } }, "none"],
  ["the median of slow calls", { pread: { 3: 900, 13: 100 } }, reads(13), "unexplained"],
  ["as much added as before", reads(2, MISSING), reads(13, MISSING), "W4"],
  ["more added", reads(2), reads(13, MISSING), "W4"],
  ["twice as much dropped", reads(2, { dontneed: 200 }), reads(13, { ...DROPPED, dontneed: 400 }), "W4"],
  [
    "three times as much dropped",
    reads(2, { dontneed: 200 }),
    reads(13, { ...DROPPED, dontneed: 600 }),
    "W3",
  ],
  ["dropped, and nothing read again", reads(2), reads(13, { deletes: 2000, dontneed: 500 }), "unexplained"],
  ["memory short", reads(2), reads(13, { ...MISSING, ...RECLAIM, memcg: 50 }), "W5"],
  ["the machine short of memory", reads(2), reads(13, { ...RECLAIM, direct: 50 }), "W5"],
  [
    "twice as much reclaim",
    reads(2, { scanned: 500, memcg: 9 }),
    reads(13, { ...RECLAIM, memcg: 9 }),
    "unexplained",
  ],
  [
    "three times as much reclaim",
    reads(2, { scanned: 330, memcg: 9 }),
    reads(13, { ...RECLAIM, memcg: 9 }),
    "W5",
  ],
  ["reclaim by others", reads(2), reads(13, { ...MISSING, ...RECLAIM }), "W4"],
  ["pressure without slow reads", reads(2), reads(2, { ...DROPPED, ...RECLAIM, memcg: 50 }), "none"],
];

const ROWS = 60;

function windowFor(before: Second, after: Second) {
  return windowOf([...repeat(ROWS, before), ...repeat(ROWS, after)]);
}

/** Series as Prometheus has them: cumulative buckets, and a count. */
function exported({ series }: ReturnType<typeof windowOf>) {
  const counters = series.filter(({ part, family }) => part === "value" && family.type === "counter");
  const plain = counters.map(({ family, labels, values }) => written(family.name, labels, values));
  const calls = Map.groupBy(series.filter(({ part }) => part === "bucket"), ({ family }) => family.name);
  return [...plain, ...calls.entries().toArray().flatMap(([name, buckets]) => histogram(name, buckets))];
}

function histogram(name: string, buckets: readonly SeriesWindow[]) {
  let sum: bigint[] = [];
  const cumulative = buckets.map(({ upperBound, values }) => {
    sum = values.map((value, row) => value! + (sum[row] ?? 0n));
    const le = upperBound === undefined ? "+Inf" : String(Number(upperBound) / 1e9);
    return written(`${name}_bucket`, { le }, sum);
  });
  return [...cumulative, written(`${name}_count`, {}, sum)];
}

function written(name: string, labels: Readonly<Record<string, string>>, values: SeriesWindow["values"]) {
  const pairs = Object.entries({ instance: "a", ...labels }).map(([label, value]) => `${label}="${value}"`);
  return { series: `${name}{${pairs}}`, values: values.join(" ") };
}

/** A row a minute; asked when the rise has lasted for ten minutes, and the median of a day is of the time before. */
function alertTest([name, before, after, expected]: typeof CASES[number]) {
  const alerts = ALERTS[expected] ?? [];
  return {
    name,
    interval: "1m",
    input_series: exported(windowFor(before, after)),
    promql_expr_test: [{
      expr: 'count by (alertname) (ALERTS{alertstate="firing", alertname!="KtmAgentMissing"})',
      eval_time: "85m",
      exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
    }],
  };
}

for (const [name, before, after, expected] of CASES) {
  Deno.test(`explain on reads, ${name}: ${expected}`, () => {
    const { workload, incident } = explainWindows([windowFor(before, after)]);
    assert.equal(incident ? workload : "none", expected);
  });
}

Deno.test(
  needs(
    ["promtool"],
    "the alerts fire on the reads that explain calls an incident, and name its cause",
    async () => {
      await using directory = await temporaryDirectory();
      const file = directory.file("verdict.yml");
      // JSON is YAML.
      const tests = { rule_files: [RULES], evaluation_interval: "1m", tests: CASES.map(alertTest) };
      await Deno.writeTextFile(file, JSON.stringify(tests));
      const { code, stdout, stderr } = await output("promtool", "test", "rules", file);
      assert.equal(code, 0, stdout + stderr);
    },
  ),
);
