import assert from "node:assert/strict";
import type { Life, SampleSet } from "../../metrics/mod.ts";
import type { RecorderFile } from "./recorder_file.ts";
import type { RecordLog } from "./record_log.ts";
import type { RecoveredRow } from "./recovery.ts";
import {
  assertRows,
  lifeOf,
  MIB,
  open,
  rowOf,
  temporaryFile,
  wideRowOf,
  write,
} from "./testing_recorder_file.ts";

/** What one agent in a loop of restarts leaves: its own life of the database, and a few rows. */
function writeShortRun(log: RecordLog, number: number, first: number): SampleSet[] {
  log.lifeBegins(lifeOf(number, first), ["io"]);
  const rows = Array.from({ length: 3 }, (_, index) => wideRowOf(first + index));
  rows.forEach((row) => log.row(row));
  return rows;
}

/** Rows of one life that a file has. */
function rowsOfLife({ recovered }: RecorderFile, life: number): RecoveredRow[] {
  return recovered!.histories.filter((history) => history.life === life).flatMap(({ rows }) => [...rows]);
}

Deno.test("30 restarts of the agent keep every row of the crash before them in a file of a mebibyte", async () => {
  await using file = await temporaryFile();
  const crashed = Array.from({ length: 200 }, (_, second) => wideRowOf(second));
  const { timeMs, monotonicMs } = rowOf(200);
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    crashed.forEach((row) => log.row(row));
    log.lifeEnds({ ...lifeOf(1, 0), end: { timeMs, monotonicMs, how: "signal", signal: 11 } });
    log.restarts("io", 1);
  });
  const short: SampleSet[][] = [];
  for (let restart = 0; restart < 30; restart++) {
    write(file.path, (log) => short.push(writeShortRun(log, restart + 2, 300 + restart * 10)));
  }
  using last = open(file.path);
  assertRows(rowsOfLife(last, 1), crashed);
  for (const [restart, rows] of short.entries()) assertRows(rowsOfLife(last, restart + 2), rows);
  const [{ end: crash }, ...others] = last.recovered!.lives as [Life, ...Life[]];
  assert.deepEqual(crash, { timeMs, monotonicMs, how: "signal", signal: 11 });
  assert.deepEqual(
    others.map(({ number, end }) => [number, end?.how, end?.timeMs]),
    short.map((rows, restart) => [restart + 2, "unwatched", rows.at(-1)!.timeMs]),
  );
});

Deno.test("rows of the minutes before a crash stay while the file goes round, and other rows go round with them", async () => {
  await using file = await temporaryFile();
  const crashed = Array.from({ length: 200 }, (_, second) => wideRowOf(second));
  const end = { ...rowOf(200), how: "oom", signal: 9 } as const;
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    crashed.forEach((row) => log.row(row));
    log.lifeEnds({ ...lifeOf(1, 0), end: { timeMs: end.timeMs, monotonicMs: end.monotonicMs, how: "oom" } });
    log.restarts("io", 1);
  });
  const count = 6000;
  // Two agents, of which the second knows of the crash from the file alone.
  for (const half of [0, 1]) {
    write(file.path, (log) => {
      log.lifeBegins(lifeOf(half + 2, 5000), ["io"]);
      for (let second = 0; second < count; second++) log.row(wideRowOf(5000 + half * count + second));
    });
  }
  using last = open(file.path);
  assertRows(rowsOfLife(last, 1), crashed);
  const newest = rowsOfLife(last, 3);
  assert.ok(newest.length > 300);
  assertRows(newest, Array.from(newest, (_, index) => wideRowOf(5000 + 2 * count - newest.length + index)));
});

Deno.test("a smaller limit keeps the rows before a crash as well", async () => {
  await using file = await temporaryFile();
  const crashed = Array.from({ length: 200 }, (_, second) => wideRowOf(second));
  const { timeMs, monotonicMs } = rowOf(200);
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    crashed.forEach((row) => log.row(row));
    log.lifeEnds({ ...lifeOf(1, 0), end: { timeMs, monotonicMs, how: "exit", status: 1 } });
    log.restarts("io", 1);
    for (let second = 5000; second < 10_000; second++) log.row(wideRowOf(second));
  }, { bytes: 3 * MIB });
  using smaller = open(file.path);
  assertRows(rowsOfLife(smaller, 1), crashed);
  assert.equal([...smaller.recovered!.histories.at(-1)!.rows].at(-1)!.timeMs, rowOf(9999).timeMs);
});
