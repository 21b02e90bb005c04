/** What all answers of a server may hold at a time. @module */

/** Bytes that are held until they have been given back. */
export class Budget {
  readonly #limit: number;
  /** How many answers share a body. */
  readonly #shared = new Map<Uint8Array, number>();
  #held = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes room for a body, which counts once for all answers that share it, or for bytes that are yet to be made.
   *
   * @returns gives the room back; undefined if there is not enough
   */
  take(body: Uint8Array | number): Disposable | undefined {
    const users = typeof body === "number" ? 0 : this.#shared.get(body) ?? 0;
    const bytes = users > 0 ? 0 : typeof body === "number" ? body : body.length;
    if (this.#held + bytes > this.#limit) return undefined;
    this.#held += bytes;
    if (typeof body !== "number") this.#shared.set(body, users + 1);
    return { [Symbol.dispose]: () => this.#giveBack(body) };
  }

  #giveBack(body: Uint8Array | number): void {
    if (typeof body === "number") return void (this.#held -= body);
    const users = this.#shared.get(body)! - 1;
    if (users > 0) return void this.#shared.set(body, users);
    this.#shared.delete(body);
    this.#held -= body.length;
  }
}
