/** A segment of a recorder file that is read back. @module */
import { isSigned, keyOf, type Point } from "../point.ts";
import type { MetricFamily, Series } from "../../metrics/mod.ts";
import { ByteReader } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import {
  BOOT_ID_BYTES,
  END_BYTES,
  isSameFamily,
  PARTS,
  readSegmentHead,
  RECORD_HEAD_BYTES,
  RecordKind,
  SEGMENT_HEAD_BYTES,
  TYPES,
  UNITS,
} from "./format.ts";
import type { HistoryRow, SegmentPlace, Session } from "./segment_writer.ts";
import { type StoredLife, storedLifeOf } from "./stored_life.ts";

/** What is read of a segment beside its rows, in the order in which it was written. */
export interface SegmentVisitor {
  session?(session: Session): void;
  life?(stored: StoredLife): void;
  belongs?(history: number, life: number | undefined): void;
  closed?(history: number, life: number | undefined): void;
}

/** What a series is called and what it is, the same object for the same series of all segments. */
export type SeriesCache = Map<string, Omit<Point, "value">>;

/** A row, and which agent recorded it. */
export interface StoredRow extends HistoryRow {
  readonly run: number;
  /** What is left of the record where its points begin. */
  readonly rest: ByteReader;
}

/** How a segment is read. */
export interface SegmentReading {
  readonly visitor: SegmentVisitor;
  /** Whether rows have their points, which takes most of the time. */
  readonly withPoints: boolean;
  readonly cache: SeriesCache;
}

/** What is known of a history while a segment is read. */
interface Column {
  readonly run: number;
  readonly history: number;
  readonly source: string;
  readonly life: number | undefined;
  ids: readonly number[];
  readonly values: bigint[];
}

/** The dictionaries of a segment. */
class Dictionaries {
  run = 0;
  readonly families: (MetricFamily | undefined)[] = [];
  /** Undefined for what this version does not know. */
  readonly series: (Omit<Point, "value"> | undefined)[] = [];
  readonly columns: Column[] = [];
}

function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** The number of a life in a record, where 0 stands for none. */
function lifeNumberOf(stored: number): number | undefined {
  return stored === 0 ? undefined : stored - 1;
}

function readFamily(reader: ByteReader): MetricFamily | undefined {
  const name = reader.text();
  const type = TYPES[reader.byte()];
  const unit = UNITS[reader.byte()];
  const help = reader.text();
  return type && unit && { name, type, help, unit };
}

function readSeries(
  reader: ByteReader,
  families: Dictionaries["families"],
  cache: SeriesCache,
): Omit<Point, "value"> | undefined {
  const family = families[reader.unsigned()];
  const part = PARTS[reader.byte()];
  const labels: Record<string, string> = {};
  for (let left = reader.unsigned(); left > 0; left--) {
    const name = reader.text();
    // A label may be called __proto__.
    Object.defineProperty(labels, name, {
      value: reader.text(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const upperBound = reader.byte() === 0 ? undefined : reader.signed();
  if (family === undefined || part === undefined) return undefined;
  const series: Series = { family, labels, part, upperBound };
  const key = keyOf(series);
  const before = cache.get(key);
  if (before !== undefined && isSameFamily(before.series.family, family)) return before;
  const keyed = { key, series };
  cache.set(key, keyed);
  return keyed;
}

/** Points of the series that are known, by differences to the row before, which become those of this row. */
function readPoints(
  reader: ByteReader,
  column: Pick<Column, "ids" | "values">,
  series: Dictionaries["series"],
): Point[] {
  const count = reader.unsigned();
  if (count > 0) column.ids = Array.from({ length: count - 1 }, () => reader.unsigned());
  const { ids, values } = column;
  const points: Point[] = [];
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index]!;
    const keyed = series[id];
    const difference = reader.signed();
    let value = values[id] ?? 0n;
    if (difference !== 0n) {
      const isGauge = keyed !== undefined && isSigned(keyed.series);
      value = isGauge ? BigInt.asIntN(64, value + difference) : BigInt.asUintN(64, value + difference);
    }
    values[id] = value;
    if (keyed !== undefined) points.push({ key: keyed.key, series: keyed.series, value });
  }
  return points;
}

/** Where the records of a segment end. */
export interface SegmentEnd extends SegmentPlace {
  /** False if something follows that is damaged. */
  readonly isWhole: boolean;
}

/** Reads one record whose checksum is right; gives the row if it is one. */
function readRecord(
  reader: ByteReader,
  known: Dictionaries,
  reading: SegmentReading,
): StoredRow | undefined {
  const { visitor } = reading;
  switch (reader.byte()) {
    case RecordKind.session:
      known.run = reader.unsigned();
      visitor.session?.({ run: known.run, bootId: hexOf(reader.raw(BOOT_ID_BYTES)) });
      return;
    case RecordKind.life: {
      const stored = storedLifeOf(reader.text());
      if (stored !== undefined) visitor.life?.(stored);
      return;
    }
    case RecordKind.family:
      known.families.push(readFamily(reader));
      return;
    case RecordKind.series:
      known.series.push(readSeries(reader, known.families, reading.cache));
      return;
    case RecordKind.history:
      known.columns.push({
        run: known.run,
        history: reader.unsigned(),
        source: reader.text(),
        life: lifeNumberOf(reader.unsigned()),
        ids: [],
        values: [],
      });
      return;
    case RecordKind.row: {
      const column = known.columns[reader.unsigned()];
      if (column === undefined) throw new RangeError("Cannot read a record: its history is missing");
      const { run, history, source, life } = column;
      const timeMs = reader.f64();
      const monotonicMs = reader.f64();
      const rest = reader;
      const points = reading.withPoints ? readPoints(reader, column, known.series) : [];
      return { rest, run, history, source, life, timeMs, monotonicMs, points };
    }
    case RecordKind.belongs:
      visitor.belongs?.(reader.unsigned(), lifeNumberOf(reader.unsigned()));
      return;
    case RecordKind.closed:
      visitor.closed?.(reader.unsigned(), lifeNumberOf(reader.unsigned()));
      return;
  }
}

/**
 * Reads a segment up to its end, or to the first record that is damaged. Row by row, as the points of all rows would
 * take a multiple of the segment's memory.
 *
 * @param bytes all of it
 * @param reading what is done with what is in it
 * @returns where it ends; undefined if there is no segment at all
 */
export function* readSegment(
  bytes: Uint8Array<ArrayBuffer>,
  reading: SegmentReading,
): Generator<StoredRow, SegmentEnd | undefined> {
  const head = readSegmentHead(bytes);
  if (head === undefined) return undefined;
  const known = new Dictionaries();
  const endAt = (used: number, checksum: number, isWhole: boolean): SegmentEnd => {
    const { families, series, columns } = known;
    return { bytes, used, checksum, families, series, histories: columns.length, isWhole };
  };
  let before = head.checksum;
  let from = SEGMENT_HEAD_BYTES;
  while (from + END_BYTES <= bytes.length) {
    const length = new ByteReader(bytes, from).u32();
    if (length === 0) return endAt(from, before, true);
    const begin = from + RECORD_HEAD_BYTES;
    const end = begin + length;
    if (end + END_BYTES > bytes.length) return endAt(from, before, false);
    const checksum = crc32(bytes, begin, end, crc32(bytes, from, from + 4, before));
    if (checksum !== new ByteReader(bytes, from + 4).u32()) return endAt(from, before, false);
    let row: StoredRow | undefined;
    try {
      row = readRecord(new ByteReader(bytes, begin, end), known, reading);
    } catch (error) {
      // The checksum of something else that happens to be right, or a version that changed a record.
      if (error instanceof RangeError || error instanceof TypeError) return endAt(from, before, false);
      throw error;
    }
    if (row !== undefined) yield row;
    before = checksum;
    from = end;
  }
  return endAt(from, before, false);
}

/** A segment whose checksums have been verified once, to read one history after the other. */
export class IndexedSegment {
  readonly #rows: ReadonlyMap<string, readonly StoredRow[]>;
  readonly #series: Dictionaries["series"];

  /**
   * Verifies a segment.
   *
   * @param bytes all of it, which stay as they are
   * @param cache series of other segments
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, cache: SeriesCache) {
    const rows = new Map<string, StoredRow[]>();
    const records = readSegment(bytes, { visitor: {}, withPoints: false, cache });
    let next = records.next();
    for (; !next.done; next = records.next()) {
      const { run, history } = next.value;
      rows.getOrInsertComputed(`${run} ${history}`, () => []).push(next.value);
    }
    this.#rows = rows;
    this.#series = [...next.value?.series ?? []];
  }

  /** The rows of a history up to the first that cannot be read, each with its points. */
  *rows(run: number, history: number): Generator<HistoryRow> {
    const column = { ids: [], values: [] };
    for (const { rest, ...row } of this.#rows.get(`${run} ${history}`) ?? []) {
      const points = pointsIn(rest.copy(), column, this.#series);
      if (points === undefined) return;
      yield { ...row, points };
    }
  }
}

function pointsIn(...reading: Parameters<typeof readPoints>): Point[] | undefined {
  try {
    return readPoints(...reading);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}
