import assert from "node:assert/strict";
import type { Life } from "../metrics/mod.ts";
import { NO_HISTORY, withTick } from "./history.ts";
import { type Line, widthOf } from "./line.ts";
import { renderPlain } from "./plain.ts";
import { renderScreen } from "./screen.ts";
import { histogram, probe, scalar, snapshotOf, viewOf } from "./testing_view.ts";
import type { View } from "./view.ts";

const READS = "ktm_sys_read_latency_seconds";
const LOOKUPS = "ktm_cache_lookups_total";
const MISSES = "ktm_cache_misses_total";
const STALL = "ktm_memory_reclaim_stall_seconds_total";

/** As many buckets as iomonitor has. */
function buckets(...first: bigint[]): bigint[] {
  return Array.from({ length: 28 }, (_, index) => first[index] ?? 0n);
}

/** Two seconds with 200 reads, 100 of them up to 1 us, 97 up to 2 us and three from 2^17 to 2^19 us. */
const BUSY = viewOf(
  snapshotOf(
    0,
    histogram(READS, buckets()),
    scalar("ktm_sys_read_bytes_total", 0n),
    scalar("ktm_sys_read_errors_total", 0n),
    scalar(LOOKUPS, 0n),
    scalar(MISSES, 0n),
    scalar(STALL, 0n, ["kind", "direct"]),
    scalar(STALL, 0n, ["kind", "memcg"]),
  ),
  snapshotOf(
    2000,
    histogram(READS, buckets(100n, 97n, ...Array(18).fill(0n), 3n)),
    scalar("ktm_sys_read_bytes_total", 200n * 4096n),
    scalar("ktm_sys_read_errors_total", 6n),
    scalar(LOOKUPS, 1000n),
    scalar(MISSES, 125n),
    scalar(STALL, 0n, ["kind", "direct"]),
    scalar(STALL, 500_000_000n, ["kind", "memcg"]),
    scalar("ktm_target_up", 1n),
    probe("sys_read", "tp_btf", true),
    probe("cache_lookup", "tp_btf", true),
    probe("cache_miss", "derived", false),
  ),
);

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

function screenOf(view: View, columns: number, rows: number): string[] {
  return renderScreen(view, { columns, rows }).map(textOf);
}

/** The rows that contain a text, without the spaces at their end. */
function rowsWith(lines: readonly string[], text: string): string[] {
  return lines.filter((line) => line.includes(text)).map((line) => line.trimEnd());
}

Deno.test("renderScreen() has a line for each row and every line is as wide as the terminal", () => {
  const notes = Array.from({ length: 40 }, (_, index) => ({
    time: new Date(0),
    isBad: index % 2 === 0,
    text: `note ${index} ${"long ".repeat(60)}\r\n\u4e2d\u6587`,
  }));
  const waiting = viewOf(snapshotOf(0), snapshotOf(1000), {
    state: "waiting",
    reason: "\x1b]0;title\x07 \u4e2d ".repeat(30),
    notes,
  });
  const history = withTick(NO_HISTORY, BUSY.activity, 1000);
  for (const view of [BUSY, waiting, { ...BUSY, notes, history }]) {
    for (const columns of [1, 2, 7, 20, 39, 71, 72, 79, 80, 81, 120, 200, 500]) {
      for (const rows of [1, 2, 5, 23, 24, 25, 50, 100]) {
        const lines = renderScreen(view, { columns, rows });
        assert.equal(lines.length, rows);
        for (const line of lines) {
          assert.equal(widthOf(line), columns);
          assert.match(textOf(line), /^[\x20-\x7e\u2264\u2500\u2581-\u2588]*$/);
        }
      }
    }
  }
});

Deno.test("renderScreen() shows every panel and the newest note on 80 columns and 24 rows", () => {
  const notes = [{ time: new Date(0), isBad: false, text: "old" }, {
    time: new Date(3_600_000),
    isBad: true,
    text: "new",
  }];
  const lines = screenOf({ ...BUSY, notes }, 80, 24);
  for (
    const title of ["ktm top", "read \u2500", "pread \u2500", "page cache", "fadvise", "reclaim", "last "]
  ) {
    assert.equal(rowsWith(lines, title).length > 0, true, title);
  }
  assert.equal(lines[23]?.trimEnd(), "01:00:00 new");
  assert.match(lines[0]!, / q quits$/);
});

Deno.test("renderScreen() says mode, target and strategies", () => {
  const lines = screenOf(BUSY, 80, 24).map((line) => line.trimEnd());
  assert.deepEqual(lines.slice(1, 4), [
    "mode    full",
    "target  process 7 (banyand)",
    "probes  tp_btf 2, derived 1  not exact: cache_miss",
  ]);
});

/** A life that ended by a signal, in the year 2026, and one after it. */
const LIVES: readonly Life[] = [
  {
    number: 1,
    target: { comm: "banyand" },
    begin: { timeMs: 0, monotonicMs: 0 },
    end: { timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 999), monotonicMs: 5, how: "signal", signal: 11 },
  },
  { number: 2, target: { comm: "banyand" }, begin: { timeMs: 0, monotonicMs: 6 } },
];

Deno.test("renderScreen() says how and when the target ended, also when it is back", () => {
  const mode = (more: Partial<View>) => {
    const [, line] = screenOf(viewOf(snapshotOf(0), snapshotOf(1000), more), 80, 24);
    return line?.trimEnd();
  };
  assert.equal(
    mode({ state: "waiting", lives: LIVES.slice(0, 1) }),
    "mode    waiting  target killed by SIGSEGV at 03:04:05; waiting for it",
  );
  assert.equal(mode({ lives: LIVES }), "mode    full  the one before killed by SIGSEGV at 03:04:05");
  assert.equal(mode({ lives: LIVES.slice(1) }), "mode    full");
});

Deno.test("renderScreen() shows rates, and quantiles as the upper bounds of their buckets", () => {
  const lines = screenOf(BUSY, 80, 24).map((line) => line.slice(0, 39).trimEnd());
  // 2^20 us is 1.048576 s. The 190th call of 200 is in the second bucket, the 198th in the slow one.
  assert.deepEqual(lines.slice(5, 8), [
    "100/s  400KiB/s  3/s failed",
    "p50 \u2264    p95 \u2264    p99 \u2264    max \u2264",
    "1us      2us      1.05s    1.05s",
  ]);
  assert.equal(lines[12], "1us  32us 1ms  33ms 1s   34s");
  // Four rows are 32 eighths: 32 of them, 31 (31.04) and 1 (0.96).
  assert.deepEqual(lines.slice(8, 12), [
    "\u2588\u2587",
    "\u2588\u2588",
    "\u2588\u2588",
    `\u2588\u2588${" ".repeat(18)}\u2581`,
  ]);
});

Deno.test("renderScreen() shows the share of misses and of time in reclaim", () => {
  const lines = screenOf(BUSY, 80, 24).map((line) => line.slice(0, 39).trimEnd());
  assert(lines.includes("look-ups  500/s"));
  assert(lines.includes("misses    62.5/s    12.5% of look-ups"));
  assert(lines.includes("memcg     -         stalled 25%"));
});

Deno.test("renderScreen() puts the panels under each other where there is no room beside", () => {
  const lines = screenOf(BUSY, 40, 60);
  const order = ["read \u2500", "pread \u2500", "page cache", "fadvise", "reclaim", "last "];
  const rows = order.map((title) => lines.findIndex((line) => line.startsWith(title)));
  assert.deepEqual(rows, rows.toSorted((a, b) => a - b));
  assert(rows.every((row) => row > 0));
});

Deno.test("renderScreen() makes histograms higher and wider on a large terminal", () => {
  const lines = screenOf(BUSY, 200, 50);
  // 99 columns are three for each of 28 buckets.
  assert.equal(rowsWith(lines, "1us            32us           1ms").length, 1);
  assert.equal(lines.filter((line) => line.startsWith("\u2588\u2588\u2588")).length, 14);
});

Deno.test("renderPlain() is one line with the same numbers", () => {
  assert.equal(
    renderPlain(BUSY),
    "2026-01-02T03:04:05.678Z  mode full  read 100/s  bytes 400KiB/s  p99 1.05s  max 1.05s  " +
      "pread -  bytes -  p99 -  max -  lookups 500/s  misses 62.5/s  adds -  fadvise -  stalled 25%",
  );
});
