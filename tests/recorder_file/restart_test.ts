/** Agents that take a recorder file over again and again. */
import assert from "node:assert/strict";
import type { MetricFamily, SampleSet } from "../../src/metrics/mod.ts";
import { openRecorderFile } from "../../src/recorder/file/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { Random } from "../fuzz/random.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { SILENT, textOf, textOfRow } from "./rows.ts";

// Opens all of libc: tests watch resources.
processId();

const FILES = 20;
const RUNS = 12;
const BYTES = 1024 * 1024;
const BOOTS = ["a", "b"].map((digit) => digit.repeat(32));

const FAMILIES: readonly MetricFamily[] = Array.from({ length: 30 }, (_, index) => ({
  name: `metric_${index}`,
  type: index % 3 === 0 ? "gauge" : "counter",
  help: `Metric ${index}.`,
  unit: "1",
}));

/** A row of some of the families. */
function rowOf(number: number, source: string, random: Random): SampleSet {
  const samples = FAMILIES.slice(random.below(3), 3 + random.below(28))
    .map((family) => ({ family, labels: {}, value: BigInt(random.next()) }));
  return { source, timeMs: 1_700_000_000_000 + number * 1000, monotonicMs: number * 1000, samples };
}

function open(path: string, run: number) {
  // The second half of the runs is of another boot.
  const now = { bootId: BOOTS[run > RUNS / 2 ? 1 : 0]!, timeMs: 1_800_000_000_000, monotonicMs: 90_000_000 };
  return openRecorderFile(path, { bytes: BYTES, report: SILENT, now });
}

/** What one run of an agent records, with lives, restarts of sources and no rows at all now and then. */
function record(path: string, run: number, first: number, random: Random): SampleSet[] {
  using log = open(path, run).log;
  if (random.below(2) === 0) {
    const begin = { timeMs: 1_700_000_000_000 + first * 1000, monotonicMs: first * 1000 };
    log.lifeBegins({ number: run, target: { comm: "db" }, begin }, ["io"]);
  }
  return Array.from({ length: random.below(60) }, (_, index) => {
    const row = rowOf(first + index, random.pick(["io", "ktm"]), random);
    if (random.below(20) === 0) log.restarts(row.source, undefined);
    log.row(row);
    return row;
  });
}

Deno.test(`${FILES} files that ${RUNS} agents take over have every row while there is room`, async () => {
  for (let seed = 0; seed < FILES; seed++) {
    await using directory = await temporaryDirectory();
    const path = directory.file("recorder");
    const random = new Random(0x6b746d, seed);
    const written: SampleSet[] = [];
    for (let run = 1; run <= RUNS; run++) {
      written.push(...record(path, run, written.length, random));
    }
    const { log, recovered } = open(path, RUNS);
    using _log = log;
    const found = recovered!.histories
      .flatMap(({ source, rows }) => [...rows].map((row) => textOf(source, row)));
    assert.deepEqual(found.sort(), written.map(textOfRow).sort(), `file ${seed}`);
  }
});
