/**
 * A dump as text, made bit by bit: in one go, that of a long history would keep the agent from its work for
 * seconds, and take a multiple of the history's memory.
 *
 * @module
 */
import { type Life, type Recording, type Series, visibleJson } from "../metrics/mod.ts";
import { DUMP_VERSION, type RecorderDump, type SeriesDump } from "./dump.ts";
import { type DumpSource, sourceOfWindow, type Values } from "./dump_source.ts";

/** Stands for a row in which a series was absent. */
const ABSENT = "null";

/** What a dump says of a series beside its values. */
function describeSeries({ family, labels, part, upperBound }: Series): Omit<SeriesDump, "values"> {
  const { name, type, unit } = family;
  return {
    name,
    type,
    unit,
    labels,
    part,
    ...(part === "bucket" && { upperBound: upperBound === undefined ? "+Inf" : `${upperBound}` }),
  };
}

/** The JSON text of an object without the brace at its end. */
function opened(value: unknown): string {
  return visibleJson(JSON.stringify(value)).slice(0, -1);
}

/**
 * The JSON text of a {@linkcode RecorderDump}.
 *
 * @param lives those that the dump lists
 * @param sources what it is made of
 * @returns pieces of at most some kilobytes where the sources' own are small, most of which take far less than a
 * millisecond
 */
export function* dumpText(lives: readonly Life[], sources: Iterable<DumpSource>): Generator<string> {
  yield `{"version":${DUMP_VERSION},"lives":${visibleJson(JSON.stringify(lives))},"sources":[`;
  let separator = "";
  for (const source of sources) {
    yield `${separator}${opened(source.head)},"timesMs":[`;
    yield* times(source.times("timeMs"));
    yield `],"monotonicMs":[`;
    yield* times(source.times("monotonicMs"));
    yield `],"series":[`;
    yield* allSeries(source);
    yield "]}";
    separator = ",";
  }
  yield "]}";
}

function* times(pieces: Iterable<readonly number[]>): Generator<string> {
  let separator = "";
  for (const piece of pieces) {
    yield separator + piece.join();
    separator = ",";
  }
}

function* allSeries(source: DumpSource): Generator<string> {
  let separator = "";
  for (const [series, values] of source.series()) {
    let isThere = false;
    for (const text of oneSeries(series, values)) {
      yield isThere ? text : separator + text;
      isThere = true;
    }
    if (isThere) separator = ",";
  }
}

/** Nothing at all if the series has no value. */
function* oneSeries(series: Series, pieces: Iterable<Values>): Generator<string> {
  let before = `${opened(describeSeries(series))},"values":[`;
  let skipped = 0;
  let isOpen = false;
  for (const values of pieces) {
    if (!isOpen && values.every((value) => value === undefined)) {
      skipped += values.length;
      continue;
    }
    if (!isOpen) before += `${ABSENT},`.repeat(skipped);
    isOpen = true;
    yield before + values.map((value) => value === undefined ? ABSENT : `"${value}"`).join();
    before = ",";
  }
  if (isOpen) yield "]}";
}

/**
 * The JSON text of a recording's dump.
 *
 * @param recording what `FlightRecorder.recording` returned
 */
export function recordingText({ lives, windows }: Recording): string {
  return [...dumpText(lives, windows.map(sourceOfWindow))].join("");
}

/**
 * Turns a recording into a dump.
 *
 * @param recording what `FlightRecorder.recording` returned
 * @returns a value for `JSON.stringify`
 */
export function dumpRecording(recording: Recording): RecorderDump {
  return JSON.parse(recordingText(recording));
}
