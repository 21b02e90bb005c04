/** The Flight Recorder's content as an answer to a request, made while the agent goes on. @module */
import { visible } from "../../metrics/mod.ts";
import type { FlightRecorder } from "../../recorder/mod.ts";
import { monotonicMs } from "../../syscall/mod.ts";
import { type HttpAnswer, textAnswer } from "./answer.ts";
import { timeRangeFrom } from "./time_query.ts";

/** The period that is meant where none is named. */
const USUAL_MS = 15 * 60_000;

/**
 * For how long the agent does nothing else at a stretch. A timer is exact to a millisecond, so that no one notices.
 */
const SLICE_MS = 2;

/** Enough for one packet after the other, and little to hold. */
const PIECE_CHARACTERS = 64 * 1024;

/** Recorders of which an answer is made: one at a time, which takes half of a processor meanwhile. */
const busy = new WeakSet<FlightRecorder>();

/** Lets everything go first that has become due. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What can be taken in a slice of time; undefined at the end. */
function nextPiece(pieces: Iterator<string>): string | undefined {
  const end = performance.now() + SLICE_MS;
  let text = "";
  while (performance.now() < end && text.length < PIECE_CHARACTERS) {
    const { done, value } = pieces.next();
    if (done) return text === "" ? undefined : text;
    text += value;
  }
  return text;
}

/** The pieces as bytes. No generator: one that has not been started would not notice its end. */
function streamOf(pieces: Generator<string>, onEnd: () => void): AsyncIterableIterator<Uint8Array> {
  const encoder = new TextEncoder();
  // For all pieces: V8 would let tens of megabytes of them come together before it looks for garbage.
  let buffer = new Uint8Array(3 * PIECE_CHARACTERS);
  const encoded = (text: string) => {
    // A character takes three bytes at most.
    if (buffer.length < 3 * text.length) buffer = new Uint8Array(3 * text.length);
    return buffer.subarray(0, encoder.encodeInto(text, buffer).written);
  };
  let isOver = false;
  const end = () => {
    pieces.return(undefined);
    // Once: another answer may be under way when this one is looked at for the last time.
    if (!isOver) onEnd();
    isOver = true;
    return { done: true as const, value: undefined };
  };
  return {
    next: async () => {
      await nextTurn();
      const text = nextPiece(pieces);
      return text === undefined ? end() : { done: false, value: encoded(text) };
    },
    return: () => Promise.resolve(end()),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * Answers with a period of the recorder's history as JSON, piece by piece as it is read.
 *
 * @param query the period
 */
export function recorderAnswer(recorder: FlightRecorder, query: URLSearchParams): HttpAnswer {
  let range;
  try {
    range = timeRangeFrom(query, monotonicMs(), USUAL_MS);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return textAnswer(`Cannot read the query: ${visible(error.message)}\n`, { status: 400 });
  }
  if (busy.has(recorder)) {
    return textAnswer("Another dump is in progress; retry shortly\n", {
      status: 503,
      fields: { "retry-after": "5" },
    });
  }
  busy.add(recorder);
  const body = streamOf(recorder.dumpText(range), () => busy.delete(recorder));
  return { status: 200, fields: { "content-type": "application/json" }, body };
}
