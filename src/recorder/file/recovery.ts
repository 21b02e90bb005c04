/** What earlier agents left in a recorder file. @module */
import type { Life, LifeEnd, Moment } from "../../metrics/mod.ts";
import type { Point } from "../point.ts";
import { type Boot, type Now, shiftsOf } from "./boots.ts";
import { readSegmentHead } from "./format.ts";
import type { RowSpan } from "./kept.ts";
import { IndexedSegment, readSegment, type SegmentEnd, type SeriesCache } from "./segment_reader.ts";
import {
  type Part,
  segmentBuffer,
  type SegmentSource,
  type Span,
  summaries,
  type Summary,
  widened,
} from "./segment_summary.ts";
import type { SegmentPlace, Session } from "./segment_writer.ts";
import type { StoredLife } from "./stored_life.ts";

/** A row that an earlier agent recorded. */
export interface RecoveredRow extends Moment {
  readonly points: readonly Point[];
}

/** Rows of one source between two starts of its counters from zero. */
export interface RecoveredHistory {
  readonly source: string;
  /** Which run of an agent recorded it, in the order of time: counters start from zero with each. */
  readonly run: number;
  /** The life that it belongs to, if it belongs to one. */
  readonly life?: number;
  /** False if the agent ended while it went on: by death, an upgrade, or a stop. */
  readonly isClosed: boolean;
  /** How many rows there are. */
  readonly rowCount: number;
  /** Read from the file segment by segment, so before much is recorded into it; the oldest first. */
  readonly rows: Iterable<RecoveredRow>;
}

/** What earlier agents left. All monotonic times are on the clock of this boot, negative for earlier ones. */
export interface Recovered {
  /** By number. All of them have an end: that of a life in which the agent ended is its last row, `unwatched`. */
  readonly lives: readonly Life[];
  /** In the order in which they began. */
  readonly histories: readonly RecoveredHistory[];
  /** Boots of this machine or others that the rows are of, the oldest first: 32 hexadecimal digits each. */
  readonly bootIds: readonly string[];
  /** Segments with a damaged record; rows from there to the end of the segment are not taken over. */
  readonly damaged: number;
}

/** What a writer goes on from. */
export interface Recovery {
  readonly recovered: Recovered | undefined;
  /** Slots without a segment, then from the oldest on. */
  readonly slots: readonly number[];
  /** When the rows in each slot were recorded. */
  readonly spans: ReadonlyMap<number, readonly RowSpan[]>;
  /** The newest segment, in which the next agent goes on; undefined if there is none. */
  readonly newest: NewestSegment | undefined;
  readonly nextSequence: number;
  readonly nextRun: number;
  readonly lives: readonly StoredLife[];
}

/** The newest segment, to go on in it. */
export interface NewestSegment {
  readonly slot: number;
  readonly place: SegmentPlace;
  /** Lives as it has them, the newest state of each last. */
  readonly lives: readonly StoredLife[];
}

/** What is known of a history from all segments. */
interface Trail {
  /** Its number in its run. */
  readonly history: number;
  readonly source: string;
  readonly session: Session;
  readonly segments: Pick<Summary, "slot" | "sequence">[];
  rows: number;
  life?: number;
  isClosed: boolean;
}

function spansOf({ session: { bootId }, histories }: Part): RowSpan[] {
  return [...histories.values()].map(({ firstMs, last }) => ({ bootId, firstMs, lastMs: last.monotonicMs }));
}

/** Histories in the order in which they began. */
function trailsOf(parts: readonly Part[]): Trail[] {
  const trails = new Map<string, Trail>();
  for (const { slot, sequence, session, histories, belonging, closed } of parts) {
    const keyOf = (history: number) => `${session.run} ${history}`;
    for (const [history, { source, rows, life }] of histories) {
      const begin = (): Trail => ({ history, source, session, segments: [], rows: 0, isClosed: false });
      const trail = trails.getOrInsertComputed(keyOf(history), begin);
      trail.segments.push({ slot, sequence });
      trail.rows += rows;
      if (life !== undefined) trail.life = life;
    }
    for (const { history, life } of [...belonging, ...closed]) {
      const trail = trails.get(keyOf(history));
      if (trail !== undefined && life !== undefined) trail.life = life;
    }
    for (const { history } of closed) {
      const trail = trails.get(keyOf(history));
      if (trail !== undefined) trail.isClosed = true;
    }
  }
  return [...trails.values()];
}

/** Lives by number, the newest state of each; one without an end ends with the last row of its run. */
function livesOf(parts: readonly Part[]): StoredLife[] {
  const lives = new Map<number, StoredLife>();
  const lastRows = new Map<number, Span>();
  for (const { session, histories, ...part } of parts) {
    for (const stored of part.lives) lives.set(stored.life.number, stored);
    for (const { last } of histories.values()) {
      lastRows.set(session.run, widened(lastRows.get(session.run), last));
    }
  }
  return [...lives.values()].sort((a, b) => a.life.number - b.life.number).map((stored) => {
    const { life, run } = stored;
    if (life.end !== undefined) return stored;
    const last = lastRows.get(run)?.last;
    const moment = last && last.monotonicMs > life.begin.monotonicMs ? last : life.begin;
    const end: LifeEnd = { ...moment, how: "unwatched" };
    return { ...stored, life: { ...life, end } };
  });
}

/** Boots of which rows or lives tell, in the order of their first runs. */
function bootsOf(parts: readonly Part[], lives: readonly StoredLife[]): Boot[] {
  const rows = parts.flatMap(({ session, histories }) =>
    [...histories.values()].flatMap(({ firstMs, last }) => [
      { ...session, moment: { ...last, monotonicMs: firstMs } },
      { ...session, moment: last },
    ])
  );
  const ends = lives.flatMap(({ run, bootId, life: { begin, end } }) =>
    [begin, ...end ? [end] : []].map((moment) => ({ run, bootId, moment }))
  );
  const spans = new Map<string, Span>();
  for (const { bootId, moment } of [...rows, ...ends].sort((a, b) => a.run - b.run)) {
    spans.set(bootId, widened(spans.get(bootId), moment));
  }
  return [...spans].map(([id, { firstMs, last }]) => ({
    id,
    firstMs,
    lastMs: last.monotonicMs,
    offsetMs: last.timeMs - last.monotonicMs,
  }));
}

function shifted<T extends Moment>(moment: T, shiftMs: number): T {
  return { ...moment, monotonicMs: moment.monotonicMs + shiftMs };
}

/** Reads segments one at a time: after many restarts of an agent, one segment has hundreds of histories. */
class IndexedSource {
  readonly #source: SegmentSource;
  readonly #cache: SeriesCache = new Map();
  #sequence = -1;
  #segment: IndexedSegment | undefined;

  constructor(source: SegmentSource) {
    this.#source = source;
  }

  /** Undefined if it has been overwritten since. */
  segment(slot: number, sequence: number): IndexedSegment | undefined {
    if (this.#segment !== undefined && this.#sequence === sequence) return this.#segment;
    const bytes = this.#source.read(slot, segmentBuffer());
    if (readSegmentHead(bytes)?.sequence !== sequence) return undefined;
    this.#sequence = sequence;
    return this.#segment = new IndexedSegment(bytes, this.#cache);
  }
}

function* rowsOf(
  { history, session, segments }: Trail,
  source: IndexedSource,
  shiftMs: number,
): Generator<RecoveredRow> {
  for (const { slot, sequence } of segments) {
    for (const row of source.segment(slot, sequence)?.rows(session.run, history) ?? []) {
      const { timeMs, monotonicMs, points } = row;
      yield shifted({ timeMs, monotonicMs, points }, shiftMs);
    }
  }
}

/** The newest segment up to its last record that is whole: a damaged one behind it can be read by nothing. */
function newestOf(segments: readonly Summary[], source: SegmentSource): NewestSegment | undefined {
  const newest = segments.at(-1);
  if (newest === undefined) return undefined;
  const { slot, parts } = newest;
  const bytes = segmentBuffer();
  source.read(slot, bytes);
  const records = readSegment(bytes, { visitor: {}, withPoints: false, cache: new Map() });
  let next = records.next();
  while (!next.done) next = records.next();
  const place: SegmentEnd | undefined = next.value;
  return place && { slot, place, lives: parts.flatMap(({ lives }) => lives) };
}

/**
 * Reads what earlier agents left.
 *
 * @param source the segments of the file, from which rows are read later as well
 * @param now this boot
 */
export function recover(source: SegmentSource, now: Now): Recovery {
  const { inOrder, damaged } = summaries(source);
  const parts = inOrder.flatMap(({ parts }) => parts);
  const trails = trailsOf(parts);
  const lives = livesOf(parts);
  const boots = bootsOf(parts, lives);
  const shifts = shiftsOf(boots, now);
  const indexed = new IndexedSource(source);
  const shiftOf = (bootId: string) => shifts.get(bootId) ?? 0;
  const histories = trails.map((trail): RecoveredHistory => ({
    source: trail.source,
    run: trail.session.run,
    isClosed: trail.isClosed,
    rowCount: trail.rows,
    ...(trail.life !== undefined && { life: trail.life }),
    rows: {
      [Symbol.iterator]: () => rowsOf(trail, indexed, shiftOf(trail.session.bootId)),
    },
  }));
  const filled = new Set(inOrder.map(({ slot }) => slot));
  const free = Array.from({ length: source.count }, (_, slot) => slot).filter((slot) => !filled.has(slot));
  const isThere = histories.length > 0 || lives.length > 0 || damaged > 0;
  return {
    recovered: isThere
      ? {
        lives: lives.map(({ life, bootId }) => ({
          ...life,
          begin: shifted(life.begin, shiftOf(bootId)),
          ...(life.end && { end: shifted(life.end, shiftOf(bootId)) }),
        })),
        histories,
        bootIds: boots.map(({ id }) => id),
        damaged,
      }
      : undefined,
    slots: [...free, ...filled],
    spans: new Map(inOrder.map(({ slot, parts }) => [slot, parts.flatMap(spansOf)])),
    newest: newestOf(inOrder, source),
    nextSequence: (inOrder.at(-1)?.sequence ?? 0) + 1,
    nextRun: Math.max(0, ...parts.map(({ session }) => session.run), ...lives.map(({ run }) => run)) + 1,
    lives,
  };
}
