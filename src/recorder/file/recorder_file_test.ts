import assert from "node:assert/strict";
import type { Life, MetricFamily } from "../../metrics/mod.ts";
import { openRecorderFile, recorderFileBytes } from "./recorder_file.ts";
import {
  assertRows,
  BOOT_A,
  BOOT_B,
  expected,
  LEVEL,
  lifeOf,
  MIB,
  NOW,
  open,
  READS,
  reporter,
  rowOf,
  samplesOf,
  temporaryFile,
  wideRowOf,
  write,
} from "./testing_recorder_file.ts";

Deno.test("openRecorderFile() gives back what an earlier agent recorded, to the last bit", async () => {
  await using file = await temporaryFile();
  const extremes = [2n ** 64n - 1n, 0n, 2n ** 63n, 1n].map((value, index) =>
    rowOf(index, "io", [{ family: READS, labels: { a: "\u00b5" }, value }, {
      family: LEVEL,
      labels: {},
      value: -(2n ** 63n),
    }])
  );
  const usual = [3, 4, 5].map((second) => rowOf(second, "ktm"));
  write(file.path, (log) => [...extremes, ...usual].forEach((row) => log.row(row)));
  using next = open(file.path);
  const { histories = [], damaged, lives } = next.recovered ?? {};
  assert.deepEqual(histories.map(({ source, isClosed, run }) => [source, isClosed, run]), [["io", false, 1], [
    "ktm",
    false,
    1,
  ]]);
  assert.deepEqual(histories.map(({ rowCount }) => rowCount), [4, 3]);
  assert.deepEqual([...histories[0]!.rows], expected(extremes));
  assert.deepEqual([...histories[1]!.rows], expected(usual));
  assert.deepEqual([damaged, lives], [0, []]);
  // Twice is the same.
  assert.deepEqual([...histories[1]!.rows], expected(usual));
});

Deno.test("openRecorderFile() makes a file for its owner alone, of the size that it says, and tells of nothing", async () => {
  await using file = await temporaryFile();
  using made = open(file.path, { bytes: 3 * MIB });
  assert.equal(made.recovered, undefined);
  const { mode, size } = await Deno.stat(file.path);
  assert.equal(mode! & 0o777, 0o600);
  assert.ok(size <= 3 * MIB && size > 2.7 * MIB);
  assert.equal(recorderFileBytes(64 * MIB), 16 * MIB);
});

Deno.test("a series that comes, goes and comes again has its values in its rows alone", async () => {
  await using file = await temporaryFile();
  const [reads, level, latency] = samplesOf(5n);
  const rows = [[reads!], [level!, reads!], [], [latency!], [reads!, level!]].map((samples, second) =>
    rowOf(second, "io", samples)
  );
  write(file.path, (log) => rows.forEach((row) => log.row(row)));
  using next = open(file.path);
  assert.deepEqual([...next.recovered!.histories[0]!.rows], expected(rows));
});

Deno.test("a third agent takes over what the first and the second left", async () => {
  await using file = await temporaryFile();
  const rows = [1, 2, 3, 4].map((second) => rowOf(second));
  write(file.path, (log) => rows.slice(0, 2).forEach((row) => log.row(row)));
  write(file.path, (log) => rows.slice(2).forEach((row) => log.row(row)));
  using third = open(file.path);
  assert.deepEqual(third.recovered!.histories.map(({ run, rows }) => [run, [...rows]]), [
    [1, expected(rows.slice(0, 2))],
    [2, expected(rows.slice(2))],
  ]);
});

Deno.test("restarts() divides the rows of a source, and keeps the life that ended", async () => {
  await using file = await temporaryFile();
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    log.row(rowOf(1));
    log.row(rowOf(1, "ktm"));
    log.restarts("io", 1);
    log.restarts("unknown", 1);
    log.row(rowOf(2));
  });
  using next = open(file.path);
  const found = next.recovered!.histories.map((
    { source, life, isClosed, rows },
  ) => [source, life, isClosed, [...rows].length]);
  assert.deepEqual(found, [["io", 1, true, 1], ["ktm", undefined, false, 1], ["io", undefined, false, 1]]);
});

Deno.test("a history of an agent that died belongs to its life, also when its first segment is gone", async () => {
  await using file = await temporaryFile();
  write(file.path, (log) => {
    log.row(wideRowOf(0));
    log.lifeBegins(lifeOf(7, 1), ["io", "proc"]);
    log.row(rowOf(1, "ktm"));
    log.row(rowOf(1, "proc"));
  });
  {
    using next = open(file.path);
    const { histories } = next.recovered!;
    assert.deepEqual(histories.map(({ source, life }) => [source, life]), [["io", 7], ["ktm", undefined], [
      "proc",
      7,
    ]]);
    next.log.lifeBegins(lifeOf(8, 1), ["io"]);
    for (let second = 2; second < 6000; second++) next.log.row(wideRowOf(second));
  }
  using third = open(file.path);
  assert.deepEqual(third.recovered!.histories.map(({ source, life, run }) => [source, life, run]), [[
    "io",
    8,
    2,
  ]]);
});

Deno.test("a life that had not ended ends with the agent's last row, and stays so for the next agents", async () => {
  await using file = await temporaryFile();
  const { timeMs, monotonicMs } = rowOf(3);
  const ended: Life = { ...lifeOf(1, 0), end: { ...rowOf(1), how: "signal", signal: 9, dumpedCore: false } };
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    log.lifeEnds({
      ...ended,
      end: { timeMs: 5, monotonicMs: 6, how: "signal", signal: 9, dumpedCore: false },
    });
    log.lifeBegins(lifeOf(2, 2), ["io"]);
    log.row(rowOf(3));
  });
  for (const _ of ["second", "third"]) {
    using next = open(file.path);
    assert.deepEqual(next.recovered!.lives, [
      { ...lifeOf(1, 0), end: { timeMs: 5, monotonicMs: 6, how: "signal", signal: 9, dumpedCore: false } },
      { ...lifeOf(2, 2), end: { timeMs, monotonicMs, how: "unwatched" } },
    ]);
    next.log.row(rowOf(100));
  }
});

Deno.test("the file goes round within its size, keeps the newest rows without a gap, and all lives", async () => {
  await using file = await temporaryFile();
  const count = 12_000;
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    for (let second = 0; second < count; second++) log.row(wideRowOf(second));
    log.restarts("io", 1);
    for (let second = count; second < count + 300; second++) log.row(wideRowOf(second));
  });
  assert.ok((await Deno.stat(file.path)).size <= MIB + 4096);
  using next = open(file.path);
  const { histories, lives, damaged } = next.recovered!;
  assert.equal(damaged, 0);
  assert.deepEqual(lives.map(({ number }) => number), [1]);
  const [old, current] = histories.map(({ rows }) => [...rows]);
  assert.ok(old!.length > 500 && old!.length < count / 2);
  assertRows(old!, Array.from(old!, (_, index) => wideRowOf(count - old!.length + index)));
  assert.equal(current!.length, 300);
});

Deno.test("a smaller limit keeps the newest rows, a larger one all of them", async () => {
  await using file = await temporaryFile();
  const rows = Array.from({ length: 9000 }, (_, second) => wideRowOf(second));
  write(file.path, (log) => rows.forEach((row) => log.row(row)), { bytes: 3 * MIB });
  const lengths = [1, 2].map((mebibytes) => {
    using next = open(file.path, { bytes: mebibytes * MIB });
    const recovered = [...next.recovered!.histories[0]!.rows];
    assertRows(recovered, rows.slice(-recovered.length));
    assert.ok(Deno.statSync(file.path).size <= mebibytes * MIB + 4096);
    return recovered.length;
  });
  assert.equal(lengths[0], lengths[1]);
  assert.ok(lengths[0]! > 500);
});

Deno.test("times of an earlier boot come before this one, and lives with their rows", async () => {
  await using file = await temporaryFile();
  write(file.path, (log) => {
    log.lifeBegins(lifeOf(1, 0), ["io"]);
    [1, 2].forEach((second) => log.row(rowOf(second)));
  });
  const later = { bootId: BOOT_B, timeMs: NOW.timeMs + 3_600_000, monotonicMs: 1000 };
  for (const _ of ["second", "third"]) {
    using next = open(file.path, { now: later });
    const { lives, histories, bootIds } = next.recovered!;
    const times = [...histories[0]!.rows].map(({ monotonicMs }) => monotonicMs);
    assert.ok(times.every((time) => time < 0));
    assert.ok(Math.abs(times[1]! - times[0]! - 1000.125) < 1e-6);
    assert.ok(lives[0]!.begin.monotonicMs <= times[0]!);
    assert.equal(lives[0]!.end!.monotonicMs, times[1]);
    assert.equal(bootIds[0], BOOT_A);
    next.log.row({ ...rowOf(3), monotonicMs: 500 });
  }
});

Deno.test("a row that is larger than a segment is counted, and costs no other row", async () => {
  await using file = await temporaryFile();
  const report = reporter();
  const many = Array.from(
    { length: 20_000 },
    (_, cpu) => ({ family: READS, labels: { cpu: `${cpu}` }, value: 1n }),
  );
  {
    const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
    using _log = log;
    for (let second = 0; second < 20; second++) {
      log.row(rowOf(second));
      log.row(rowOf(second, "large", many));
    }
    assert.equal(log.rowsLost, 20);
    assert.equal(report.said.filter((text) => text.startsWith("Row too large")).length, 1);
  }
  using next = open(file.path);
  assert.equal([...next.recovered!.histories.find(({ source }) => source === "io")!.rows].length, 20);
});

Deno.test("an agent that describes a series in another way goes on in the segment of the one before", async () => {
  await using file = await temporaryFile();
  const other: MetricFamily = { ...LEVEL, type: "counter", help: "Level, in other words." };
  const before = rowOf(1, "io", [{ family: LEVEL, labels: {}, value: -5n }]);
  const after = rowOf(2, "io", [{ family: other, labels: {}, value: 2n ** 63n }]);
  write(file.path, (log) => log.row(before));
  write(file.path, (log) => log.row(after));
  using third = open(file.path);
  assert.deepEqual(third.recovered!.histories.flatMap(({ rows }) => [...rows]), expected([before, after]));
});
