import assert from "node:assert/strict";
import type { MetricFamily } from "../../metrics/mod.ts";
import { pointsOf } from "../point.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import {
  END_BYTES,
  pageOf,
  readPage,
  readSegmentHead,
  RECORD_HEAD_BYTES,
  SEGMENT_BYTES,
  SEGMENT_HEAD_BYTES,
} from "./format.ts";
import { readSegment } from "./segment_reader.ts";
import { emptySegment, type HistoryRow, SegmentWriter } from "./segment_writer.ts";
import { lifeText, repeatedLives, type StoredLife, storedLifeOf } from "./stored_life.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const SESSION = { run: 3, bootId: "0123456789abcdef".repeat(2) };

function rowOf(number: number, source = "io"): HistoryRow {
  const points = pointsOf([{ family: READS, labels: { cpu: `${number % 2}` }, value: BigInt(number) }]);
  return { history: source.length, source, life: undefined, timeMs: number, monotonicMs: number, points };
}

function lifeOf(number: number): StoredLife {
  const begin = { timeMs: number, monotonicMs: number };
  return { ...SESSION, life: { number, target: { comm: "db" }, begin } };
}

function segmentOf(rows: readonly HistoryRow[], lives: readonly StoredLife[] = []): SegmentWriter {
  const segment = new SegmentWriter(emptySegment(1), SESSION, lives);
  for (const row of rows) assert.ok(segment.row(row));
  return segment;
}

/** The rows of a segment, and whether it could be read to its end. */
function read(bytes: Uint8Array<ArrayBuffer>): { rows: HistoryRow[]; lives: StoredLife[]; isWhole: boolean } {
  const rows: HistoryRow[] = [];
  const lives: StoredLife[] = [];
  const visitor = { life: (life: StoredLife) => void lives.push(life) };
  const records = readSegment(bytes, { visitor, withPoints: true, cache: new Map() });
  let next = records.next();
  for (; !next.done; next = records.next()) {
    const { run: _run, rest: _rest, ...row } = next.value;
    rows.push(row);
  }
  const isWhole = next.value?.isWhole ?? false;
  return { rows, lives, isWhole };
}

/** Where each record begins, and its end. */
function places(bytes: Uint8Array): { from: number; to: number }[] {
  const found = [];
  for (let from = SEGMENT_HEAD_BYTES;;) {
    const length = new ByteReader(bytes, from).u32();
    if (length === 0) return found;
    found.push({ from, to: from += RECORD_HEAD_BYTES + length });
  }
}

/** Bytes with records put in place of others, and all checksums made right. */
function rebuilt(bytes: Uint8Array, payloads: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(SEGMENT_BYTES);
  target.set(bytes.subarray(0, SEGMENT_HEAD_BYTES));
  let before = readSegmentHead(bytes)!.checksum;
  let from = SEGMENT_HEAD_BYTES;
  for (const payload of payloads) {
    const writer = new ByteWriter(target.subarray(from));
    writer.u32(payload.length);
    before = crc32(payload, 0, payload.length, crc32(target, from, from + 4, before));
    writer.u32(before);
    writer.raw(payload);
    from += writer.position;
  }
  return target;
}

function payloadsOf(bytes: Uint8Array): Uint8Array[] {
  return places(bytes).map(({ from, to }) => bytes.slice(from + RECORD_HEAD_BYTES, to));
}

Deno.test("a segment cut off anywhere has the rows before, each of them whole", () => {
  const rows = Array.from({ length: 20 }, (_, number) => rowOf(number, number % 3 === 0 ? "io" : "proc"));
  const { bytes, used } = segmentOf(rows, [lifeOf(1)]);
  const ends = places(bytes).map(({ to }) => to);
  for (let length = 0; length <= used + END_BYTES; length++) {
    const found = read(bytes.slice(0, length)).rows;
    assert.deepEqual(found, rows.slice(0, found.length));
  }
  assert.equal(ends.at(-1), used);
  assert.deepEqual(read(bytes), { rows, lives: [lifeOf(1)], isWhole: true });
});

Deno.test("no byte of a segment can change without its row and all that follow being left out", () => {
  const rows = Array.from({ length: 6 }, (_, number) => rowOf(number));
  const { bytes, used } = segmentOf(rows);
  for (let at = 0; at < used; at++) {
    for (const change of [1, 0x80, 0xff]) {
      const changed = bytes.slice(0, used + END_BYTES);
      changed[at]! ^= change;
      const found = read(changed).rows;
      assert.ok(found.length < rows.length, `byte ${at}`);
      assert.deepEqual(found, rows.slice(0, found.length));
    }
  }
});

Deno.test("a record in the place of another of the same length is refused", () => {
  const rows = Array.from({ length: 8 }, (_, number) => rowOf(number));
  const { bytes } = segmentOf(rows);
  const [sixth, eighth] = [places(bytes).at(-3)!, places(bytes).at(-1)!];
  assert.equal(sixth.to - sixth.from, eighth.to - eighth.from);
  const changed = bytes.slice().copyWithin(sixth.from, eighth.from, eighth.to);
  assert.deepEqual(read(changed), { rows: rows.slice(0, 5), lives: [], isWhole: false });
});

Deno.test("records of an older segment behind the end do not count", () => {
  const old = segmentOf(Array.from({ length: 50 }, (_, number) => rowOf(number)));
  const segment = new SegmentWriter(emptySegment(2, old.bytes), SESSION, []);
  segment.row(rowOf(99));
  assert.deepEqual(read(segment.bytes).rows, [rowOf(99)]);
  // The end is where the agent was killed before it came to be written.
  segment.bytes.fill(7, segment.used, segment.used + END_BYTES);
  assert.deepEqual(read(segment.bytes), { rows: [rowOf(99)], lives: [], isWhole: false });
});

Deno.test("kinds of records and fields that a later version adds are skipped", () => {
  const rows = [rowOf(1), rowOf(2), rowOf(3)];
  const { bytes } = segmentOf(rows, [lifeOf(1)]);
  const longer = payloadsOf(bytes).flatMap((
    payload,
  ) => [new Uint8Array([200, 1, 2, 3]), new Uint8Array([...payload, 0, 9])]);
  assert.deepEqual(read(rebuilt(bytes, longer)), { rows, lives: [lifeOf(1)], isWhole: true });
  assert.deepEqual(read(rebuilt(bytes, payloadsOf(bytes))).rows, rows);
});

Deno.test("series whose type is unknown are left out, and the others of the row stay", () => {
  const level: MetricFamily = { ...READS, name: "level" };
  const points = pointsOf([{ family: level, labels: {}, value: 5n }, {
    family: READS,
    labels: {},
    value: 6n,
  }]);
  const { bytes } = segmentOf([{ ...rowOf(1), points }, { ...rowOf(2), points }]);
  const payloads = payloadsOf(bytes);
  const family = payloads.find((payload) => new TextDecoder().decode(payload).includes("level"))!;
  family[1 + 1 + "level".length] = 99;
  const found = read(rebuilt(bytes, payloads)).rows;
  assert.deepEqual(found.map(({ points }) => points), [[points[1]], [points[1]]]);
});

Deno.test("a row whose history is missing, a number that is too long and a text that is none end a segment", () => {
  const { bytes } = segmentOf([rowOf(1)]);
  const payloads = payloadsOf(bytes);
  for (const wrong of [[6, 9], [6, 0, ...Array(30).fill(255)], [5, 1, 200, 1], [3, 1, 0xff, 0, 0, 0]]) {
    const found = read(rebuilt(bytes, [...payloads, new Uint8Array(wrong)]));
    assert.deepEqual(found, { rows: [rowOf(1)], lives: [], isWhole: false });
  }
});

Deno.test("a segment that is full takes nothing more, not even what would have room", () => {
  const segment = new SegmentWriter(emptySegment(1), SESSION, []);
  let count = 0;
  while (segment.row(rowOf(count))) count++;
  assert.equal(segment.row(rowOf(0)), false);
  assert.equal(segment.belongs(2, 1), false);
  assert.equal(segment.life(lifeOf(1)), false);
  assert.ok(segment.used > SEGMENT_BYTES - 100);
  const { rows, isWhole } = read(segment.bytes);
  assert.deepEqual([rows.length, isWhole], [count, true]);
});

Deno.test("lives are repeated in each segment up to a limit, the newest of them", () => {
  const lives = Array.from({ length: 1000 }, (_, index) => lifeOf(index + 1));
  const kept = repeatedLives(lives);
  assert.equal(kept.at(-1)!.life.number, 1000);
  assert.ok(kept.length > 100 && kept.length <= 256);
  const wide = lives.map((stored) => ({
    ...stored,
    life: { ...stored.life, target: { comm: "x".repeat(4000) } },
  }));
  const bytes = repeatedLives(wide).reduce((sum, life) => sum + lifeText(life).length, 0);
  assert.ok(bytes > 20_000 && bytes < 33_000);
});

Deno.test("storedLifeOf() takes what lifeText() made, and refuses what is no life", () => {
  const end = { timeMs: 2, monotonicMs: 3.5, how: "exit", status: 1 } as const;
  const stored = { ...lifeOf(1), life: { ...lifeOf(1).life, end } };
  assert.deepEqual(storedLifeOf(lifeText(stored)), stored);
  const later = lifeText(stored).replace('"exit"', '"abducted"');
  assert.equal(storedLifeOf(later)?.life.end?.how, "unknown");
  for (
    const text of [
      "",
      "{",
      "null",
      "3",
      "{}",
      lifeText(stored).replace('"begin"', '"began"'),
      lifeText(stored).replace('"comm"', '"name"'),
    ]
  ) {
    assert.equal(storedLifeOf(text), undefined, text);
  }
});

Deno.test("readPage() knows the first page, its version, and what is something else", () => {
  assert.deepEqual(readPage(pageOf(7)), { isOurs: true, version: 7 });
  assert.deepEqual(readPage(pageOf(7).fill(9, 20, 24)), { isOurs: true });
  assert.deepEqual(readPage(new Uint8Array(4096)), { isOurs: false });
  assert.deepEqual(readPage(new Uint8Array(0)), { isOurs: false });
  assert.deepEqual(readPage(pageOf().subarray(0, 20)), { isOurs: true });
});
