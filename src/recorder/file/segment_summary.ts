/** What each segment of a recorder file has, without the points of its rows. @module */
import type { Moment } from "../../metrics/mod.ts";
import { isZero } from "./bytes.ts";
import { readSegmentHead, SEGMENT_BYTES } from "./format.ts";
import { readSegment } from "./segment_reader.ts";
import type { Session } from "./segment_writer.ts";
import type { StoredLife } from "./stored_life.ts";

/** Where segments are. */
export interface SegmentSource {
  readonly count: number;
  /**
   * Reads a segment, less of it if the file ends before.
   *
   * @param slot which one
   * @param buffer memory for all of it, which what is returned is a part of
   */
  read(slot: number, buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** The first and the last moment of something. */
export interface Span {
  readonly firstMs: number;
  readonly last: Moment;
}

/** What a segment has of one agent, without the points of its rows. */
export interface Part {
  readonly slot: number;
  readonly sequence: number;
  readonly session: Session;
  readonly lives: StoredLife[];
  readonly histories: Map<number, HistorySummary>;
  readonly belonging: HistoryLife[];
  readonly closed: HistoryLife[];
}

/** What a segment has. */
export interface Summary {
  readonly slot: number;
  readonly sequence: number;
  /** In the order in which the agents wrote. */
  readonly parts: readonly Part[];
  readonly rows: number;
  readonly isWhole: boolean;
}

/** What a history has. */
export interface HistorySummary extends Span {
  readonly source: string;
  readonly life: number | undefined;
  readonly rows: number;
}

/** The life that a history belongs to. */
export interface HistoryLife {
  readonly history: number;
  readonly life: number | undefined;
}

/** Memory for one segment; a new one for each would wait for the garbage collector by the megabyte. */
export function segmentBuffer(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(SEGMENT_BYTES));
}

export function widened(span: Span | undefined, { timeMs, monotonicMs }: Moment): Span {
  const moment = { timeMs, monotonicMs };
  if (span === undefined) return { firstMs: monotonicMs, last: moment };
  return {
    firstMs: Math.min(span.firstMs, monotonicMs),
    last: monotonicMs >= span.last.monotonicMs ? moment : span.last,
  };
}

/** Undefined if there is no segment, or not even its first record can be read. */
function summarize(slot: number, bytes: Uint8Array<ArrayBuffer>): Summary | undefined {
  const head = readSegmentHead(bytes);
  if (head === undefined) return undefined;
  const { sequence } = head;
  let rows = 0;
  const parts: Part[] = [];
  const records = readSegment(bytes, {
    withPoints: false,
    cache: new Map(),
    visitor: {
      session: (session) =>
        void parts.push({
          slot,
          sequence,
          session,
          lives: [],
          histories: new Map(),
          belonging: [],
          closed: [],
        }),
      life: (life) => void parts.at(-1)?.lives.push(life),
      belongs: (history, life) => void parts.at(-1)?.belonging.push({ history, life }),
      closed: (history, life) => void parts.at(-1)?.closed.push({ history, life }),
    },
  });
  let next = records.next();
  for (; !next.done; next = records.next()) {
    const { run, history, source, life, timeMs, monotonicMs } = next.value;
    const moment = { timeMs, monotonicMs };
    const histories = parts.findLast(({ session }) => session.run === run)?.histories;
    rows++;
    const before = histories?.get(history);
    histories?.set(history, { source, life, rows: (before?.rows ?? 0) + 1, ...widened(before, moment) });
  }
  const isWhole = next.value?.isWhole ?? true;
  return parts.length === 0 ? undefined : { slot, sequence, parts, rows, isWhole };
}

/** Segments by sequence; of two with one number, which are copies of each other, that with more rows. */
export function summaries({ count, read }: SegmentSource): { inOrder: Summary[]; damaged: number } {
  const bySequence = new Map<number, Summary>();
  const buffer = segmentBuffer();
  let damaged = 0;
  for (let slot = 0; slot < count; slot++) {
    const bytes = read(slot, buffer);
    const summary = summarize(slot, bytes);
    if (summary === undefined ? !isZero(bytes) : !summary.isWhole) damaged++;
    const other = summary && bySequence.get(summary.sequence);
    if (summary && (other === undefined || other.rows < summary.rows)) {
      bySequence.set(summary.sequence, summary);
    }
  }
  return { inOrder: [...bySequence.values()].sort((a, b) => a.sequence - b.sequence), damaged };
}
