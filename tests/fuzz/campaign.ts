/** Many inputs, on all processors. @module */
import { problemKind } from "./problem_kind.ts";
import type { Finding, Order, Report } from "./worker.ts";

/** What to run. */
export interface Campaign {
  readonly seed: number;
  readonly count: number;
  readonly objects?: Order["objects"];
}

/** A thread that is still at the same input after so long hangs. */
const WATCH_MS = 10_000;

/** Runs a thread; one that hangs is ended, and the input that it hangs at is its finding. */
async function runWorker(order: Order): Promise<Report> {
  const worker = new Worker(import.meta.resolve("./worker.ts"), { type: "module" });
  const current = new Int32Array(order.progress);
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => resolve(data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    reject(new Error(`Cannot go on after input ${Atomics.load(current, 0)}: ${event.message}`));
  });
  let before = -1;
  const watch = setInterval(() => {
    const index = Atomics.load(current, 0);
    if (index === before) reject(new Error(`Cannot go on: input ${index} of seed ${order.seed} hangs`));
    before = index;
  }, WATCH_MS);
  try {
    worker.postMessage(order);
    return await promise;
  } finally {
    clearInterval(watch);
    worker.terminate();
  }
}

function sum(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [key, count] of counts.flatMap((map) => [...map])) total.set(key, (total.get(key) ?? 0) + count);
  return total;
}

/** Two threads find the same: the earlier input stands for both. */
function unite(findings: readonly Finding[]): Finding[] {
  const byKind = Object.groupBy(findings, ({ problem }) => problemKind(problem));
  return Object.values(byKind).map((same = []) => {
    const first = same.reduce((a, b) => a.index < b.index ? a : b);
    return { ...first, count: same.reduce((total, { count }) => total + count, 0) };
  });
}

/**
 * Runs a campaign.
 *
 * @throws {Error} if an input hangs
 */
export async function runCampaign({ seed, count, objects = [] }: Campaign): Promise<Report> {
  const step = navigator.hardwareConcurrency;
  const reports = await Promise.all(Array.from({ length: step }, (_, first) => {
    return runWorker({ seed, first, step, end: count, objects, progress: new SharedArrayBuffer(4) });
  }));
  return {
    endings: sum(reports.map(({ endings }) => endings)),
    findings: unite(reports.flatMap(({ findings }) => findings)),
    slowest: reports.map(({ slowest }) => slowest).reduce((a, b) => a.milliseconds > b.milliseconds ? a : b),
    largest: Math.max(...reports.map(({ largest }) => largest)),
  };
}

/** Endings rarer than this share of all are told together: their sections have names that mutations made. */
const RARE = 1 / 2000;

/** What came out, for people. */
export function describeReport({ endings, findings, slowest, largest }: Report, seconds: number): string {
  const total = [...endings.values()].reduce((sum, count) => sum + count, 0);
  const isRare = (count: number) => count < total * RARE;
  const named = sum([
    new Map([...endings].filter(([, count]) => !isRare(count))),
    ...[...endings].filter(([, count]) => isRare(count))
      .map(([ending, count]) => new Map([[ending.replace(/: .*/s, ": others"), count]])),
  ]);
  const byCount = [...named].toSorted(([, a], [, b]) => b - a);
  const found = findings.map(({ index, stock, problem, input, count }) =>
    `\ninput ${index} of ${stock}, and ${count - 1} more like it: ${problem}\n${input.toBase64()}\n`
  );
  return [
    ...byCount.map(([ending, count]) => `${String(count).padStart(9)} ${ending}`),
    `${String(total).padStart(9)} inputs without a problem in ${seconds.toFixed(1)} s, ` +
    `${Math.round(total / seconds)} a second; the slowest, ${slowest.index}, ${
      slowest.milliseconds.toFixed(0)
    } ms, ` +
    `the largest ${(largest / 2 ** 20).toFixed(1)} MiB; ${findings.length} findings`,
    ...found,
  ].join("\n");
}
