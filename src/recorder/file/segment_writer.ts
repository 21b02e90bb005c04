/** A segment of a recorder file that is being filled. @module */
import type { MetricFamily, Series } from "../../metrics/mod.ts";
import type { Point } from "../point.ts";
import { ByteWriter } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import {
  BOOT_ID_BYTES,
  END_BYTES,
  isSameFamily,
  PARTS,
  RECORD_HEAD_BYTES,
  RecordKind,
  SEGMENT_BYTES,
  SEGMENT_HEAD_BYTES,
  TYPES,
  UNITS,
  writeSegmentHead,
} from "./format.ts";
import { lifeText, type StoredLife } from "./stored_life.ts";

/** Which agent writes. */
export interface Session {
  /** One more than that of the agent before; from 1. */
  readonly run: number;
  /** 32 hexadecimal digits. */
  readonly bootId: string;
}

/** A row of one history. */
export interface HistoryRow {
  /** The history's number in the run. */
  readonly history: number;
  readonly source: string;
  /** The life that the history belongs to, if it belongs to one. */
  readonly life: number | undefined;
  readonly timeMs: number;
  readonly monotonicMs: number;
  readonly points: readonly Point[];
}

/** What a segment knows of a history that has rows in it. */
interface Column {
  readonly index: number;
  /** Keys of the newest row's series, in their order, and where the values are. */
  keys: readonly string[];
  ids: readonly number[];
  /** The newest value of each series by its number. */
  readonly values: bigint[];
}

/** A segment up to where the next record goes, and what later records may refer to by number. */
export interface SegmentPlace {
  /** All of the segment, what is not used yet as well. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the records end, in bytes. */
  readonly used: number;
  /** With which the next record goes on. */
  readonly checksum: number;
  /** Undefined for what this version does not know. */
  readonly families: readonly (MetricFamily | undefined)[];
  /** Undefined for what this version does not know. */
  readonly series: readonly (Omit<Point, "value"> | undefined)[];
  /** How many there are. */
  readonly histories: number;
}

/**
 * A segment without records.
 *
 * @param sequence one more than that of the segment before
 * @param bytes memory to use again
 */
export function emptySegment(sequence: number, bytes = new Uint8Array(SEGMENT_BYTES)): SegmentPlace {
  bytes.fill(0, 0, SEGMENT_HEAD_BYTES + END_BYTES);
  const checksum = writeSegmentHead(bytes, sequence);
  return { bytes, used: SEGMENT_HEAD_BYTES, checksum, families: [], series: [], histories: 0 };
}

/** The description of a family, to tell it from others. */
function familyKey({ name, type, unit, help }: MetricFamily): string {
  return JSON.stringify([name, type, unit, help]);
}

/** A segment in memory, of which what was added stays as it is. */
export class SegmentWriter {
  /** All of it, what is not used yet as well. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  #used: number;
  /** Set by the first record without room: smaller ones may not follow, as they may need what it says. */
  #isFull = false;
  #checksum: number;
  readonly #families: Map<string, number>;
  #familyCount: number;
  readonly #series = new Map<string, number>();
  /** Series that an earlier agent put there, which this one may describe differently. */
  readonly #inherited: ReadonlyMap<string, { readonly id: number; readonly family: MetricFamily }>;
  #seriesCount: number;
  readonly #histories = new Map<number, Column>();
  #historyCount: number;

  /**
   * Begins a segment, or goes on in that of an earlier agent.
   *
   * @param place where
   * @param session which agent writes
   * @param lives those that it repeats
   */
  constructor(
    { bytes, used, checksum, families, series, histories }: SegmentPlace,
    { run, bootId }: Session,
    lives: readonly StoredLife[],
  ) {
    this.bytes = bytes;
    this.#used = used;
    this.#checksum = checksum;
    this.#families = new Map(families.flatMap((family, id) => family ? [[familyKey(family), id]] : []));
    this.#familyCount = families.length;
    this.#inherited = new Map(
      series.flatMap((keyed, id) => keyed ? [[keyed.key, { id, family: keyed.series.family }]] : []),
    );
    this.#seriesCount = series.length;
    this.#historyCount = histories;
    this.#add(RecordKind.session, (writer) => {
      writer.unsigned(run);
      writer.raw(Uint8Array.fromHex(bootId).subarray(0, BOOT_ID_BYTES));
    });
    for (const life of lives) this.life(life);
  }

  /** Where the records end, in bytes; a record of length zero follows. */
  get used(): number {
    return this.#used;
  }

  /**
   * Adds a life as it is now.
   *
   * @returns false if there is no room
   */
  life(stored: StoredLife): boolean {
    return this.#add(RecordKind.life, (writer) => writer.text(lifeText(stored)));
  }

  /**
   * Adds the life that a history belongs to, if it has rows in this segment; the next one has it with the first row.
   *
   * @param history its number in the run
   * @param life the life's number
   * @returns false if there is no room
   */
  belongs(history: number, life: number): boolean {
    if (!this.#histories.has(history)) return true;
    return this.#add(RecordKind.belongs, (writer) => {
      writer.unsigned(history);
      writer.unsigned(life + 1);
    });
  }

  /**
   * Adds the end of a history.
   *
   * @param history its number in the run
   * @param life the life that it belonged to
   * @returns false if there is no room
   */
  closed(history: number, life: number | undefined): boolean {
    return this.#add(RecordKind.closed, (writer) => {
      writer.unsigned(history);
      writer.unsigned(life === undefined ? 0 : life + 1);
    });
  }

  /**
   * Adds a row, and what is needed to read it.
   *
   * @returns false if there is no room
   */
  row({ history, source, life, timeMs, monotonicMs, points }: HistoryRow): boolean {
    const column = this.#column(history, source, life);
    const isSame = points.length === column.keys.length &&
      points.every(({ key }, index) => key === column.keys[index]);
    const ids = isSame ? column.ids : points.map((point) => this.#seriesId(point));
    const isAdded = this.#add(RecordKind.row, (writer) => {
      writer.unsigned(column.index);
      writer.f64(timeMs);
      writer.f64(monotonicMs);
      writer.unsigned(isSame ? 0 : points.length + 1);
      if (!isSame) { for (const id of ids) writer.unsigned(id); }
      for (const [index, { value }] of points.entries()) {
        writer.signed(BigInt.asIntN(64, value - (column.values[ids[index]!] ?? 0n)));
      }
    });
    if (!isAdded) return false;
    column.keys = isSame ? column.keys : points.map(({ key }) => key);
    column.ids = ids;
    for (const [index, { value }] of points.entries()) column.values[ids[index]!] = value;
    return true;
  }

  #column(history: number, source: string, life: number | undefined): Column {
    return this.#histories.getOrInsertComputed(history, () => {
      this.#add(RecordKind.history, (writer) => {
        writer.unsigned(history);
        writer.text(source);
        writer.unsigned(life === undefined ? 0 : life + 1);
      });
      return { index: this.#historyCount++, keys: [], ids: [], values: [] };
    });
  }

  #seriesId({ key, series }: Point): number {
    return this.#series.getOrInsertComputed(key, () => {
      const inherited = this.#inherited.get(key);
      if (inherited !== undefined && isSameFamily(inherited.family, series.family)) return inherited.id;
      const family = this.#familyId(series);
      this.#add(RecordKind.series, (writer) => {
        writer.unsigned(family);
        writer.byte(PARTS.indexOf(series.part));
        const labels = Object.entries(series.labels);
        writer.unsigned(labels.length);
        for (const text of labels.flat()) writer.text(text);
        writer.byte(series.upperBound === undefined ? 0 : 1);
        if (series.upperBound !== undefined) writer.signed(series.upperBound);
      });
      return this.#seriesCount++;
    });
  }

  #familyId({ family }: Series): number {
    return this.#families.getOrInsertComputed(familyKey(family), () => {
      const { name, type, unit, help } = family;
      this.#add(RecordKind.family, (writer) => {
        writer.text(name);
        writer.byte(TYPES.indexOf(type));
        writer.byte(UNITS.indexOf(unit));
        writer.text(help);
      });
      return this.#familyCount++;
    });
  }

  #add(kind: number, put: (writer: ByteWriter) => void): boolean {
    if (this.#isFull) return false;
    const from = this.#used;
    const writer = new ByteWriter(this.bytes.subarray(from, this.bytes.length - END_BYTES));
    writer.position = RECORD_HEAD_BYTES;
    writer.byte(kind);
    put(writer);
    if (!writer.hasRoom) {
      this.#isFull = true;
      this.bytes.fill(0, from, from + END_BYTES);
      return false;
    }
    const length = writer.position - RECORD_HEAD_BYTES;
    const end = from + writer.position;
    const head = new ByteWriter(this.bytes.subarray(from, from + RECORD_HEAD_BYTES));
    head.u32(length);
    const checksum = crc32(
      this.bytes,
      from + RECORD_HEAD_BYTES,
      end,
      crc32(this.bytes, from, from + 4, this.#checksum),
    );
    head.u32(checksum);
    this.bytes.fill(0, end, end + END_BYTES);
    this.#checksum = checksum;
    this.#used = end;
    return true;
  }
}
