/** Damaged recorder files: what is taken over of them. */
import assert from "node:assert/strict";
import type { Life } from "../../src/metrics/mod.ts";
import { openRecorderFile, type RecorderFile, RecorderFileError } from "../../src/recorder/file/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { Random } from "../fuzz/random.ts";
import { IS_NIGHT, times } from "../support/nightly.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { CHANGE_NAMES, damaged } from "./mutate.ts";
import { rowOf, SILENT, textOf, textOfRow } from "./rows.ts";

// Opens all of libc: tests watch resources.
processId();

const FILES = times(200, 2000);
const BYTES = 1024 * 1024;

/** No file may take longer to open, in milliseconds; most take a few. */
const LONGEST_MS = 3000;

/** Memory that is left after garbage collection in the second half of the files and not in the first, in bytes. */
const MOST_MEMORY = 64 * 1024 * 1024;

const BOOTS = ["a", "b"].map((digit) => digit.repeat(32));

function open(path: string, boot: number): RecorderFile {
  const now = { bootId: BOOTS[boot]!, timeMs: 1_800_000_000_000 + boot * 1e9, monotonicMs: 90_000_000 };
  return openRecorderFile(path, { bytes: BYTES, report: SILENT, now });
}

function lifeOf(number: number, row: number): Life {
  const { timeMs, monotonicMs } = rowOf(row);
  return { number, target: { comm: `db-${number}`, pid: number }, begin: { timeMs, monotonicMs } };
}

/** Three runs of two boots that go round several times, with lives and restarts. */
function writeAll(path: string): ReadonlySet<string> {
  const written = new Set<string>();
  let number = 0;
  for (const [run, boot] of [0, 0, 1].entries()) {
    using log = open(path, boot).log;
    for (let life = run * 4 + 1; life <= run * 4 + 4; life++) {
      const begun = lifeOf(life, number);
      log.lifeBegins(begun, ["io"]);
      for (const last = number + 400; number < last; number++) {
        for (const source of ["io", "proc"]) {
          const row = rowOf(number, source);
          log.row(row);
          written.add(textOfRow(row));
        }
      }
      // The last one of a run ends with its agent.
      if (life % 4 === 0) continue;
      const { timeMs, monotonicMs } = rowOf(number);
      log.lifeEnds({ ...begun, end: { timeMs, monotonicMs, how: "signal", signal: 9 } });
      log.restarts("io", life);
    }
  }
  return written;
}

/** What is wrong with what was taken over; empty if nothing is. */
function* faults({ recovered }: RecorderFile, written: ReadonlySet<string>): Generator<string> {
  let before = 0;
  for (const { number, target, begin, end } of recovered?.lives ?? []) {
    if (number <= before || target.comm !== `db-${number}`) yield `life ${number} made up`;
    if (end === undefined || end.monotonicMs < begin.monotonicMs) yield `life ${number} without a right end`;
    before = number;
  }
  for (const { source, rows, rowCount } of recovered?.histories ?? []) {
    let count = 0;
    let last = -Infinity;
    for (const row of rows) {
      count++;
      if (!written.has(textOf(source, row))) yield `row made up: ${source} ${row.timeMs}`;
      if (row.monotonicMs <= last) yield `row out of order: ${source} ${row.timeMs}`;
      last = row.monotonicMs;
    }
    if (count !== rowCount) yield `${rowCount} rows announced, ${count} read`;
  }
}

Deno.test(`${FILES} damaged files: each is opened, no row is made up, and recording goes on`, async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("recorder");
  const written = writeAll(path);
  const original = await Deno.readFile(path);
  {
    const whole = open(path, 1);
    using _log = whole.log;
    assert.deepEqual([...faults(whole, written)], []);
    assert.equal(whole.recovered!.damaged, 0);
    assert.equal(whole.recovered!.lives.length, 12);
  }
  const buffer = new Uint8Array(original.length);
  const seen = new Set<string>();
  let [rows, refused, slowestMs] = [0, 0, 0];
  const memory = [Infinity, Infinity];
  for (let seed = 0; seed < FILES; seed++) {
    const { bytes, changes } = damaged(original, buffer, new Random(0x6b746d, seed));
    const what = `file ${seed}: ${changes}`;
    changes.forEach((change) => seen.add(change));
    await Deno.writeFile(path, bytes);
    const begin = performance.now();
    try {
      const file = open(path, 1);
      using log = file.log;
      assert.deepEqual([...faults(file, written)], [], what);
      rows += file.recovered?.histories.reduce((sum, { rowCount }) => sum + rowCount, 0) ?? 0;
      log.row(rowOf(50_000, "next"));
    } catch (error) {
      // No segment and no first page: it could be a file of something else.
      assert.ok(
        error instanceof RecorderFileError && /not written by ktm/.test(error.message),
        `${what}: ${error}`,
      );
      refused++;
      continue;
    }
    slowestMs = Math.max(slowestMs, performance.now() - begin);
    const half = seed < FILES / 2 ? 0 : 1;
    const { heapUsed, external } = Deno.memoryUsage();
    memory[half] = Math.min(memory[half]!, heapUsed + external);
    {
      const next = open(path, 1);
      using _log = next.log;
      const [history] = next.recovered!.histories.filter(({ source }) => source === "next");
      assert.deepEqual([...history!.rows].map((row) => textOf("next", row)), [
        textOfRow(rowOf(50_000, "next")),
      ], what);
    }
  }
  assert.equal(seen.size, CHANGE_NAMES.length);
  assert.ok(refused < FILES / 100, `${refused} refused`);
  // Of some 750 rows in the file.
  assert.ok(rows / FILES > 100, `${rows / FILES} rows a file`);
  assert.ok(slowestMs < LONGEST_MS, `${slowestMs} ms`);
  // Of fewer files than at night the garbage is not all collected in either half.
  if (IS_NIGHT) assert.ok(memory[1]! < memory[0]! + MOST_MEMORY, `${memory} bytes`);
});
