import assert from "node:assert/strict";
import type { Life, MetricFamily, Sample, SampleSet } from "../../metrics/mod.ts";
import { pointsOf } from "../point.ts";
import { fileBytes, MOST_SEGMENTS } from "./format.ts";
import { openRecorderFile, type RecorderFile, recorderFileBytes } from "./recorder_file.ts";
import type { RecordLog, Reporter } from "./record_log.ts";
import { RecorderFileError } from "./private_file.ts";
import type { RecoveredRow } from "./recovery.ts";
import { processId } from "../../syscall/mod.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "Level.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

// Opens all of libc: tests watch resources.
processId();

const MIB = 1024 * 1024;
const BOOT_A = "a".repeat(32);
const BOOT_B = "b".repeat(32);
const NOW = { bootId: BOOT_A, timeMs: 1_700_050_000_000, monotonicMs: 60_000_000 };

function samplesOf(value: bigint): Sample[] {
  return [
    { family: READS, labels: { cpu: "0", __proto__x: "1" }, value },
    { family: LEVEL, labels: {}, value: -value },
    {
      family: LATENCY,
      labels: { of: "read" },
      bounds: [1_000n, 2_000n],
      buckets: [value, 0n, 1n],
      sum: value * 9n,
    },
  ];
}

function rowOf(second: number, source = "io", samples = samplesOf(BigInt(second))): SampleSet {
  return {
    source,
    timeMs: 1_699_999_000_000 + second * 1000,
    monotonicMs: 1_000_000 + second * 1000.125,
    samples,
  };
}

/** Reports that are expected to come, and those that came. */
function reporter(): Reporter & { readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return { said, info: say, warn: say };
}

function lifeOf(number: number, second: number): Life {
  const { timeMs, monotonicMs } = rowOf(second);
  return { number, target: { comm: "banyand", pid: 7, cgroup: "/db" }, begin: { timeMs, monotonicMs } };
}

async function temporaryFile(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir();
  return {
    path: `${directory}/recorder`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function open(path: string, options: { bytes?: number; now?: typeof NOW } = {}): RecorderFile & Disposable {
  const file = openRecorderFile(path, { bytes: MIB, now: NOW, report: reporter(), ...options });
  return { ...file, [Symbol.dispose]: () => file.log[Symbol.dispose]() };
}

function write(
  path: string,
  use: (log: RecordLog) => void,
  options: { bytes?: number; now?: typeof NOW } = {},
): void {
  using file = open(path, options);
  use(file.log);
}

const CPUS = Array.from({ length: 300 }, (_, cpu) => ({ cpu: `${cpu}` }));

/** A row of 300 series, of which some 700 fill a segment. */
function wideRowOf(second: number): SampleSet {
  return rowOf(
    second,
    "io",
    CPUS.map((labels, cpu) => ({ family: READS, labels, value: BigInt(second * cpu) })),
  );
}

/** Fails at the first row that differs: to show thousands takes minutes. */
function assertRows(actual: readonly RecoveredRow[], rows: readonly SampleSet[]): void {
  assert.equal(actual.length, rows.length);
  const text = (value: unknown) =>
    JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part);
  for (const [index, row] of expected(rows).entries()) {
    assert.ok(text(actual[index]) === text(row), `row ${index}`);
  }
}

/** Rows as they were recorded, to compare with. */
function expected(rows: readonly SampleSet[]): unknown[] {
  return rows.map(({ timeMs, monotonicMs, samples }) => ({ timeMs, monotonicMs, points: pointsOf(samples) }));
}

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

Deno.test("a file of something else, a directory, a link, a pipe, a device and others' files are refused as they are", async () => {
  await using file = await temporaryFile();
  const path = (name: string) => `${file.path}.${name}`;
  await Deno.writeTextFile(path("text"), "precious\n".repeat(1000), { mode: 0o600 });
  await Deno.mkdir(path("directory"));
  write(path("target"), () => {});
  await Deno.symlink(path("target"), path("link"));
  await Deno.symlink(path("absent"), path("dangling"));
  await new Deno.Command("mkfifo", { args: [path("pipe")] }).output();
  write(path("open"), () => {});
  await Deno.chmod(path("open"), 0o666);
  write(path("linked"), () => {});
  await Deno.link(path("linked"), path("again"));
  await Deno.writeFile(path("sparse"), new Uint8Array(), { mode: 0o600 });
  await Deno.truncate(path("sparse"), 10 * 1024 * MIB);
  const refused: readonly [string, RegExp][] = [
    [path("text"), /not written by ktm; set another path/],
    [path("directory"), /not a regular file/],
    [path("link"), /not a regular file/],
    [path("dangling"), /not a regular file/],
    [path("pipe"), /not a regular file/],
    ["/dev/null", /not a regular file/],
    [path("open"), /other users may write/],
    [path("linked"), /second name/],
    [path("sparse"), /it has 10240 MiB, and ktm writes at most 1024; remove it/],
    // No file can be made there; in a container, the file system may be read-only.
    [
      "/sys/kernel/ktm-recorder",
      /Permission denied.*; give its directory .*chown|Read-only .*; set a path on tmpfs/,
    ],
    [path("absent/recorder"), /its directory does not exist; create it first/],
  ];
  for (const [name, reason] of refused) {
    assert.throws(
      () => open(name),
      (error) => error instanceof RecorderFileError && reason.test(error.message) && !error.isTemporary,
      name,
    );
  }
  assert.equal(await Deno.readTextFile(path("text")), "precious\n".repeat(1000));
  await assert.rejects(Deno.lstat(path("absent")), Deno.errors.NotFound);
});

Deno.test("a file is one agent's at a time, and the next one's at once", async () => {
  await using file = await temporaryFile();
  {
    using _first = open(file.path);
    assert.throws(
      () => open(file.path),
      (error) =>
        error instanceof RecorderFileError && error.isTemporary &&
        error.message.includes(`in use by process ${Deno.pid}`),
    );
  }
  using _second = open(file.path);
});

Deno.test("a file truncated while it is written loses what was before, not what the newest segment has", async () => {
  await using file = await temporaryFile();
  const rows = [1, 2, 3].map((second) => rowOf(second));
  const report = reporter();
  {
    const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
    using _log = log;
    log.row(rows[0]!);
    await Deno.truncate(file.path, 0);
    log.row(rows[1]!);
    log.row(rows[2]!);
    assert.equal(report.said.filter((text) => text.includes("truncated")).length, 1);
  }
  using next = open(file.path);
  assert.deepEqual([...next.recovered!.histories[0]!.rows], expected(rows));
});

Deno.test("a file that is removed while it is written is said once, and recording goes on", async () => {
  await using file = await temporaryFile();
  const report = reporter();
  const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
  using _log = log;
  log.row(rowOf(1));
  await Deno.remove(file.path);
  log.row(rowOf(2));
  log.row(rowOf(3));
  assert.equal(report.said.filter((text) => text.includes("removed or renamed")).length, 1);
  assert.equal(log.rowsLost, 0);
});

Deno.test("a file that is renamed while it is written is said once within 64 rows, and one that stays is not", async () => {
  await using file = await temporaryFile();
  const report = reporter();
  const { log } = openRecorderFile(file.path, { bytes: MIB, now: NOW, report });
  using _log = log;
  const warnings = () => report.said.filter((text) => text.includes("removed or renamed")).length;
  for (let second = 0; second < 200; second++) log.row(rowOf(second));
  assert.equal(warnings(), 0);
  await Deno.rename(file.path, `${file.path}.old`);
  for (let second = 200; second < 264; second++) log.row(rowOf(second));
  assert.equal(warnings(), 1);
  for (let second = 264; second < 500; second++) log.row(rowOf(second));
  assert.equal(warnings(), 1);
});

Deno.test("the largest file without content is read within seconds, and made as small as it should be", async () => {
  await using file = await temporaryFile();
  await Deno.writeFile(file.path, new Uint8Array(), { mode: 0o600 });
  await Deno.truncate(file.path, fileBytes(MOST_SEGMENTS));
  const begin = performance.now();
  using opened = open(file.path);
  assert.ok(performance.now() - begin < 10_000);
  assert.equal(opened.recovered, undefined);
  assert.ok((await Deno.stat(file.path)).size <= MIB + 4096);
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
