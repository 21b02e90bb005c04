/**
 * The Prometheus rules that judge reads, written from the tables by which `explain` judges them: the same numbers,
 * quantiles and counters.
 *
 * @module
 */
import { QUANTILE_NAMES, QUANTILES } from "../src/diagnosis/latency.ts";
import { CALL_METRICS, CALLS, type Field, type FieldName, FIELDS } from "../src/diagnosis/readings/fields.ts";
import { DEFAULT_THRESHOLDS } from "../src/diagnosis/thresholds.ts";
import { formatTime } from "../src/diagnosis/words/units.ts";
import { boundNs, bucketOf } from "../src/metrics/bucket.ts";

const { floorNs, rise, fewestCalls, pressure, ofSlowCalls } = DEFAULT_THRESHOLDS;

/** A call in this bucket or below is never slow. */
const FLOOR_NS = boundNs(bucketOf(BigInt(floorNs)));

const FLOOR_SECONDS = FLOOR_NS / 1e9;

/** Seconds of the rates, which are the period that is judged. */
const WINDOW_SECONDS = 300;

/** The least share of calls that are slow once a quantile is: what the highest quantile leaves out. */
const LEAST_SLOW = Number((1 - Math.max(...Object.values(QUANTILES))).toFixed(3));

/** What a signal has to come to for each call. */
const LEAST_PER_CALL = Number((ofSlowCalls * LEAST_SLOW).toFixed(6));

/** Signals by the value of their label. */
const ACTIVITIES = {
  adds: "addedPages",
  dontneed: "dontneed",
  scans: "scanned",
  direct_reclaim: "direct",
  memcg_reclaim: "memcg",
} as const satisfies Readonly<Record<string, FieldName>>;

interface Recording {
  readonly record: string;
  readonly labels?: readonly [name: string, value: string];
  /** Lines. */
  readonly expr: string;
}

function indented(text: string, spaces: number): string {
  return text.split("\n").map((line) => " ".repeat(spaces) + line).join("\n");
}

function recordingText({ record, labels, expr }: Recording): string {
  return [
    `      - record: ${record}`,
    ...labels === undefined ? [] : [`        labels: { ${labels[0]}: ${labels[1]} }`],
    expr.includes("\n") ? `        expr: >-\n${indented(expr, 10)}` : `        expr: ${expr}`,
  ].join("\n");
}

function texts(recordings: readonly Recording[]): string {
  return recordings.map(recordingText).join("\n");
}

function latencies(): Recording[] {
  return QUANTILE_NAMES.flatMap((name) =>
    CALLS.map((call): Recording => ({
      record: `ktm:read_latency_seconds:${name}_5m`,
      labels: ["call", call],
      expr: `histogram_quantile(${QUANTILES[name]}, rate(${CALL_METRICS[call]}_bucket[5m]))\n` +
        `and rate(${CALL_METRICS[call]}_count[5m]) > 0`,
    }))
  );
}

function callRates(): Recording[] {
  return CALLS.map((call) => ({
    record: "ktm:read_calls:rate5m",
    labels: ["call", call],
    expr: `rate(${CALL_METRICS[call]}_count[5m])`,
  }));
}

function usualLatencies(): Recording[] {
  return QUANTILE_NAMES.map((name) => ({
    record: `ktm:read_latency_seconds:${name}_usual_1d`,
    expr: `quantile_over_time(0.5, ktm:read_latency_seconds:${name}_5m[1d] offset 15m)`,
  }));
}

/** The number of the bucket that holds a latency, which is what the quantile of a histogram is exact to. */
function bucketText(series: string): string {
  return `ceil(log2(1e6 * clamp_min(${series}, 1e-6)))`;
}

function raisedLatency(): Recording {
  const raised = QUANTILE_NAMES.map((name) => {
    const now = `ktm:read_latency_seconds:${name}_5m`;
    const usual = `ktm:read_latency_seconds:${name}_usual_1d`;
    return [
      `  ${now} > ${FLOOR_SECONDS}`,
      `  and ${bucketText(now)}`,
      `    >= ${rise} + ${bucketText(usual)}`,
    ].join("\n");
  }).join("\n  or\n");
  return {
    record: "ktm:read_latency:raised",
    expr: `(\n${raised}\n) * 0 + 1\nand ktm:read_calls:rate5m * ${WINDOW_SECONDS} >= ${fewestCalls}`,
  };
}

function activities(): Recording[] {
  return Object.entries(ACTIVITIES).map(([activity, name]) => {
    const { metric, label }: Field = FIELDS[name];
    const rate = label === undefined
      ? `rate(${metric}[5m])`
      : `sum without (${label[0]}) (rate(${metric}{${label[0]}="${label[1]}"}[5m]))`;
    return { record: "ktm:activity:rate5m", labels: ["activity", activity], expr: rate };
  });
}

const ENOUGH = "ignoring (activity) group_left () ktm:activity:least_5m";

function activityRules(): Recording[] {
  return [
    { record: "ktm:activity:usual_1d", expr: "quantile_over_time(0.5, ktm:activity:rate5m[1d] offset 15m)" },
    {
      record: "ktm:activity:least_5m",
      expr: `${LEAST_PER_CALL} * sum without (call) (ktm:read_calls:rate5m)`,
    },
    {
      record: "ktm:activity:raised",
      expr:
        `(\n  ktm:activity:rate5m >= ${pressure} * ktm:activity:usual_1d\n  and ktm:activity:rate5m > 0\n` +
        `  and ktm:activity:rate5m >= ${ENOUGH}\n) * 0 + 1`,
    },
  ];
}

function causes(): Recording[] {
  return [
    {
      record: "ktm:cause:present",
      labels: ["workload", "W3"],
      expr: [
        'max without (activity) (ktm:activity:raised{activity="dontneed"})',
        'and ignoring (activity) (ktm:activity:rate5m{activity="adds"}',
        `  >= ${ENOUGH})`,
      ].join("\n"),
    },
    {
      record: "ktm:cause:present",
      labels: ["workload", "W5"],
      expr: [
        'max without (activity) (ktm:activity:raised{activity="scans"})',
        'and ignoring (activity) ktm:activity:rate5m{activity=~"direct_reclaim|memcg_reclaim"} > 0',
      ].join("\n"),
    },
  ];
}

/** What the rules of latency say of a rise, for people. */
const RISE =
  `p50, p95 or p99 of {{ $labels.call }} is ${rise} buckets or more above its median of the last day`;

/** The groups of rules, as they stand in the file. */
export function rulesText(): string {
  return `  - name: ktm.recording
    rules:
      # Of calls there were: without a call a quantile is not a number.
${texts(latencies())}
${texts(callRates())}

      # What is usual: the median of a day, without what may be an incident now.
${texts(usualLatencies())}

      # A quantile is as exact as its bucket, so buckets are compared: ${rise} are more than a factor of ${
    2 ** (rise - 1)
  }.
      # No call that takes ${
    formatTime(FLOOR_NS)
  } or less is slow, and fewer than ${fewestCalls} calls say nothing.
${texts([raisedLatency()])}

${texts(activities())}
      # A signal counts from ${pressure} times its usual on, and if there is of it at least once for ${
    1 / ofSlowCalls
  } slow calls;
      # where a quantile has risen, ${LEAST_SLOW} of all calls are slow, or more.
${texts(activityRules())}

      # Pages are dropped on request and read again; memory is short and the target itself reclaims.
${texts(causes())}

  - name: ktm.latency
    rules:
      - alert: KtmReadLatencyRaised
        expr: ktm:read_latency:raised == 1
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: "{{ $labels.call }} of the database on {{ $labels.instance }} has become slow"
          description: >-
            ${RISE},
            and above ${formatTime(FLOOR_NS)}, for ten minutes.
          runbook: >-
            Look at "Latency" in the dashboard: did the median rise (everything waits: disk or memory) or only
            the tail (some reads miss the cache)? One of KtmEviction, KtmContention and KtmMemoryPressure says
            more if KTM can tell; ktm explain says why. If none fires, the cause lies outside of cache and memory:
            look at the disk (iostat -x) and at the processor (throttling of the container).
      - alert: KtmEviction
        expr: >-
          max without (call) (ktm:read_latency:raised)
          and ignoring (workload) ktm:cause:present{workload="W3"}
        for: 10m
        labels: { severity: warning, workload: W3 }
        annotations:
          summary: "The database on {{ $labels.instance }} evicts pages that it reads again"
          description: >-
            Reads are slower, POSIX_FADV_DONTNEED is called ${pressure} times as often as usual or more, and pages are
            added to the page cache.
          runbook: >-
            Capture first (Flight Recorder, FODC). Tune what is evicted after a merge, and limit the rate of
            background work. A query that keeps scanning a large time range does the same: look for it in the
            database's log of slow queries.
      # Each activity has to be known: a probe that is missing does not say that there was none.
      - alert: KtmContention
        expr: >-
          max without (call) (ktm:read_latency:raised)
          and ignoring (activity) (ktm:activity:rate5m{activity="adds"}
            >= ${ENOUGH})
${
    Object.keys(ACTIVITIES).filter((activity) => activity !== "adds")
      .map((activity) => `          and ignoring (activity) ktm:activity:rate5m{activity="${activity}"}`)
      .join("\n")
  }
          unless ignoring (workload) ktm:cause:present
        for: 10m
        labels: { severity: warning, workload: W4 }
        annotations:
          summary: "The database on {{ $labels.instance }} reads cold data, or competes for the disk"
          description: >-
            Reads are slower and pages are added to the page cache, with neither more POSIX_FADV_DONTNEED nor
            more reclaim.
          runbook: >-
            Capture first (Flight Recorder, FODC). Lower the concurrency of compaction, or give the database
            more memory so that its working set stays cached. After a restart the cache is cold: this is usual
            then, and passes.
      - alert: KtmMemoryPressure
        expr: >-
          max without (call) (ktm:read_latency:raised)
          and ignoring (workload) ktm:cause:present{workload="W5"}
        for: 10m
        labels: { severity: warning, workload: W5 }
        annotations:
          summary: "The database on {{ $labels.instance }} has to free memory before it can read"
          description: >-
            Reads are slower, the target itself is in reclaim, and ${pressure} times as many pages as usual or more are
            scanned for it.
          runbook: >-
            Capture first (Flight Recorder, FODC). Reclaim of kind memcg: the container meets its memory limit,
            raise it. Of kind direct: the node is short of memory, look at what else runs there. In both cases
            give background work less memory.
`;
}
