import assert from "node:assert/strict";
import type { MetricFamily } from "../../metrics/mod.ts";
import { FlightRecorder } from "../../recorder/mod.ts";
import { monotonicMs } from "../../syscall/mod.ts";
import type { HttpAnswer } from "./answer.ts";
import { recorderAnswer } from "./recorder_answer.ts";
import { bodyText } from "./testing_answer.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
monotonicMs();

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LABELS = Array.from({ length: 100 }, (_, cpu) => ({ cpu: `${cpu}` }));

/** A recorder with rows of a hundred series, one a second until now. */
function recorderWith(rows: number): FlightRecorder {
  const recorder = new FlightRecorder({ memoryLimit: 1 << 30 });
  const [now, monotonic] = [Date.now(), monotonicMs()];
  for (let row = 0; row < rows; row++) {
    const timeMs = now - 1000 * (rows - 1 - row);
    const value = BigInt(row);
    recorder.record({
      source: "io",
      timeMs,
      monotonicMs: monotonic - 1000 * (rows - 1 - row),
      samples: LABELS.map((labels) => ({ family: READS, labels, value })),
    });
  }
  return recorder;
}

function answer(recorder: FlightRecorder, query: string): HttpAnswer {
  return recorderAnswer(recorder, new URLSearchParams(query));
}

/** Gives up an answer in pieces. */
async function leave({ body }: HttpAnswer): Promise<void> {
  assert(!(body instanceof Uint8Array));
  await body.return!();
}

/** The times of the first source. */
async function timesIn(response: HttpAnswer): Promise<number[]> {
  assert.equal(response.status, 200);
  return JSON.parse(await bodyText(response)).sources[0].timesMs;
}

Deno.test("recorderAnswer() gives the period that the query names, and a quarter of an hour without one", async () => {
  const recorder = recorderWith(1200);
  const all = recorder.window()[0]!.timesMs;
  assert.equal((await timesIn(answer(recorder, ""))).length, 900);
  assert.equal((await timesIn(answer(recorder, "last=1m"))).length, 60);
  assert.deepEqual(await timesIn(answer(recorder, "from=0")), all);
  assert.deepEqual(await timesIn(answer(recorder, `from=${all[3]}&to=${all[5]}`)), all.slice(3, 6));
});

Deno.test("recorderAnswer() says what is wrong with a query", async () => {
  const response = answer(recorderWith(1), "last=soon");
  assert.equal(response.status, 400);
  assert.match(
    await bodyText(response),
    /^Cannot read the query: last: expected a duration like .*, got "soon"\n$/,
  );
});

Deno.test("recorderAnswer() gives one answer at a time of a recorder, and the next when it has been read or left", async () => {
  const recorder = recorderWith(1);
  const first = answer(recorder, "");
  const refused = answer(recorder, "");
  assert.equal(refused.status, 503);
  assert.match(await bodyText(refused), /Another dump is in progress/);
  const other = answer(recorderWith(1), "");
  assert.equal(other.status, 200);
  await leave(other);
  await bodyText(first);
  const second = answer(recorder, "");
  // The first one's end does not free the second one's place.
  await leave(first);
  assert.equal(answer(recorder, "").status, 503);
  await leave(second);
  assert.equal((await timesIn(answer(recorder, ""))).length, 1);
});

Deno.test("recorderAnswer() lets others work while it makes a long answer", async () => {
  const recorder = recorderWith(10_000);
  const stop = new AbortController();
  const reading = bodyText(answer(recorder, "from=0")).finally(() => stop.abort());
  let ticks = 0;
  for (; !stop.signal.aborted; ticks++) await new Promise((resolve) => setTimeout(resolve, 5));
  const { length } = await reading;
  // Made in one go, it takes some hundred milliseconds in which there is no tick at all.
  assert.ok(ticks > 20 && length > 5_000_000, `${ticks} ticks, ${length} characters`);
});
