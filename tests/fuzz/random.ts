/** Random numbers that are the same on every machine. @module */

/** A generator of 32 bits of state, which is enough for one input: each has a seed of its own. */
export class Random {
  #state: number;

  /** @param seeds numbers that stand for the sequence, all of them */
  constructor(...seeds: readonly number[]) {
    this.#state = 0x9e3779b9;
    for (const seed of seeds) this.#state = scramble(this.#state ^ seed);
  }

  /** A number of 32 bits. */
  next(): number {
    this.#state = this.#state + 0x9e3779b9 | 0;
    return scramble(this.#state) >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() / 2 ** 32 * limit);
  }

  /** One of the items, of which there is at least one. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** Spreads each bit of a number over all of them, without two numbers becoming one. */
function scramble(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ bits >>> 16, 0x21f0aaad);
  bits = Math.imul(bits ^ bits >>> 15, 0x735a2d97);
  return bits ^ bits >>> 15;
}
