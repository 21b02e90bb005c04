/** A window cut into slots, and periods made of them. @module */
import { carriedOn, hasCalls, type Reading } from "./reading.ts";
import {
  addTo,
  between,
  callsOf,
  noTotals,
  secondsOf,
  type Step,
  stepBetween,
  type Totals,
} from "./totals.ts";

/** A part of a window; its ends are of the monotonic clock. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  readonly totals: Totals;
  /** The same in three parts, one after the other. */
  readonly pieces: readonly Totals[];
}

/**
 * What happened between each two readings that say something.
 *
 * @param readings in the order of recording
 */
export function stepsOf(readings: readonly Reading[]): Step[] {
  const steps: Step[] = [];
  let before: Reading | undefined;
  let gaps = 0;
  for (const one of readings) {
    const reading = carriedOn(before, one);
    if (!hasCalls(reading)) {
      if (before !== undefined) gaps++;
      continue;
    }
    if (before !== undefined) steps.push(stepBetween(before, reading, gaps));
    before = reading;
    gaps = 0;
  }
  return steps;
}

/**
 * Joins steps until there are no more than a number of slots, of about equal time.
 *
 * @param steps one after the other
 * @param most slots
 */
export function slotsOf(steps: readonly Step[], most: number): readonly Step[] {
  if (steps.length <= most) return steps;
  const seconds = steps.reduce((sum, { totals }) => sum + secondsOf(totals), 0);
  const slots: Step[] = [];
  let passed = 0;
  let slot: Step | undefined;
  for (const step of steps) {
    if (slot === undefined) slot = { ...step, totals: step.totals.slice() };
    else {
      addTo(slot.totals, step.totals);
      slot = { ...slot, toMs: step.toMs };
    }
    passed += secondsOf(step.totals);
    if (passed >= (slots.length + 1) * seconds / most) {
      slots.push(slot);
      slot = undefined;
    }
  }
  return slot === undefined ? slots : [...slots, slot];
}

const PIECES = 3;

/** Where the parts of a row of slots begin, and where the last one ends. */
function cutsOf(from: number, to: number): number[] {
  return Array.from({ length: PIECES + 1 }, (_, cut) => from + Math.round(cut * (to - from) / PIECES));
}

/** Slots one after the other, of which any row can be taken as a period at the cost of a subtraction. */
export class Timeline {
  readonly #slots: readonly Step[];
  /** What happened until each slot, and until the end. */
  readonly #sums: readonly Totals[];
  readonly #calls: readonly Float64Array[];

  /** @param slots one after the other */
  constructor(slots: readonly Step[]) {
    this.#slots = slots;
    const sums = [noTotals()];
    for (const { totals } of slots) {
      const sum = sums.at(-1)!.slice();
      addTo(sum, totals);
      sums.push(sum);
    }
    this.#sums = sums;
    this.#calls = sums.map((sum) => callsOf(sum));
  }

  /** How many slots there are. */
  get length(): number {
    return this.#slots.length;
  }

  /** Seconds that were observed from the slot `from` until before the slot `to`. */
  seconds(from: number, to: number): number {
    return secondsOf(this.#sums[to]!) - secondsOf(this.#sums[from]!);
  }

  /** What happened from the slot `from` until before the slot `to`. */
  totals(from: number, to: number): Totals {
    return between(this.#sums[from]!, this.#sums[to]!);
  }

  /** Calls in each bucket in the same slots. */
  calls(from: number, to: number): Float64Array {
    const [until, calls] = [this.#calls[from]!, this.#calls[to]!.slice()];
    for (let bucket = 0; bucket < calls.length; bucket++) calls[bucket]! -= until[bucket]!;
    return calls;
  }

  /** Calls in each bucket in the three parts of the same slots. */
  pieces(from: number, to: number): readonly Float64Array[] {
    const cuts = cutsOf(from, to);
    return cuts.slice(1).map((end, piece) => this.calls(cuts[piece]!, end));
  }

  /** The slots `from` until before `to` as a period; at least one. */
  period(from: number, to: number): Period {
    const cuts = cutsOf(from, to);
    return {
      fromMs: this.#slots[from]!.fromMs,
      toMs: this.#slots[to - 1]!.toMs,
      totals: this.totals(from, to),
      pieces: cuts.slice(1).map((end, piece) => this.totals(cuts[piece]!, end)),
    };
  }
}
