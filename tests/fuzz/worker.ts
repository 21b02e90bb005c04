/** One thread of a campaign. @module */
import { fixedStocks, makeInput, objectStock } from "./corpus.ts";
import { judge } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { problemKind } from "./problem_kind.ts";

/** What a thread has to do: every `step`th input from `first` on. */
export interface Order {
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** Objects to be changed, too, by name. */
  readonly objects: readonly (readonly [name: string, bytes: Uint8Array])[];
  /** One word: the number of the input at hand. */
  readonly progress: SharedArrayBuffer;
}

/** An input that did harm. */
export interface Finding {
  readonly index: number;
  readonly stock: string;
  readonly problem: string;
  /** The smallest input known to have the problem. */
  readonly input: Uint8Array;
  /** How many inputs had it. */
  readonly count: number;
}

/** What a thread has done. */
export interface Report {
  /** Inputs by what they were made of and how they ended. */
  readonly endings: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  readonly slowest: { readonly index: number; readonly milliseconds: number };
  readonly largest: number;
}

/** How many inputs of a thousand are made of an object that was given. */
const SHARE = 5;

function run({ seed, first, step, end, objects, progress }: Order): Report {
  const stocks = [...fixedStocks(), ...objects.map(([name, bytes]) => objectStock(name, bytes, SHARE))];
  const endings = new Map<string, number>();
  const findings = new Map<string, Finding>();
  const current = new Int32Array(progress);
  let slowest: Report["slowest"] = { index: first, milliseconds: 0 };
  let largest = 0;
  for (let index = first; index < end; index += step) {
    Atomics.store(current, 0, index);
    const input = makeInput(stocks, seed, index);
    const { ending, problem, milliseconds, bytes } = judge(input.stock.exercise, input.bytes);
    if (milliseconds > slowest.milliseconds) slowest = { index, milliseconds };
    largest = Math.max(largest, bytes);
    if (problem === undefined) {
      const key = `${input.stock.name}: ${ending}`;
      endings.set(key, (endings.get(key) ?? 0) + 1);
      continue;
    }
    const kind = problemKind(problem);
    const known = findings.get(kind);
    const finding = known ??
      { index, stock: input.stock.name, problem, input: minimise(input, problem), count: 0 };
    findings.set(kind, { ...finding, count: finding.count + 1 });
  }
  return { endings, findings: [...findings.values()], slowest, largest };
}

/** What a worker's global object is; the types are those of the main thread. */
const scope = globalThis as unknown as Worker;

scope.addEventListener("message", ({ data }: MessageEvent<Order>) => scope.postMessage(run(data)));
