/** The file through which a test tells `mortal.c` how much to read and how to die, and learns what it did. @module */
import { until } from "../support/until.ts";
import { innerPidOf } from "./processes.ts";

/** As in `mortal.c`. */
const MOST_LIVES = 1000;
const [HEADER_BYTES, LIFE_BYTES] = [32, 40];
const BYTES = HEADER_BYTES + MOST_LIVES * LIFE_BYTES;

/** How a target may end itself, by the number that stands for it. */
const ORDERS = { segv: 1n, exit: 2n, hog: 3n } as const;

/** A death that the target dies by itself: a write to a page that it may not write, status 3, or all its memory. */
export type Order = keyof typeof ORDERS;

/** Calls of read(2) that one life has begun, and those that have returned. */
export interface Reads {
  readonly begun: number;
  readonly done: number;
}

/** Where a value is in the file, in bytes. */
const HEADER = { lives: 0, rest: 8, allowed: 16 } as const;
const LIFE = { allowed: 0, begun: 8, done: 16, order: 24, pid: 32 } as const;

/** Any number of calls. */
export const ENDLESSLY = 2 ** 40;

/** A ledger; lives are numbered from 1. */
export class Ledger implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;

  /**
   * Makes an empty one.
   *
   * @param restMs between two calls
   */
  constructor(path: string, restMs: number) {
    this.path = path;
    this.#file = Deno.openSync(path, { create: true, read: true, write: true, truncate: true });
    this.#file.truncateSync(BYTES);
    this.#write(HEADER.rest, BigInt(Math.round(restMs * 1e6)));
  }

  #read(offset: number): bigint {
    const value = new BigUint64Array(1);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.readSync(new Uint8Array(value.buffer));
    return value[0]!;
  }

  #write(offset: number, value: bigint): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.writeSync(new Uint8Array(BigUint64Array.of(value).buffer));
  }

  #place(life: number, field: keyof typeof LIFE): number {
    return HEADER_BYTES + (life - 1) * LIFE_BYTES + LIFE[field];
  }

  /** How many processes have begun. */
  get lives(): number {
    return Number(this.#read(HEADER.lives));
  }

  /** Waits until a process has begun its life, which is the last one so far. */
  async untilBegun(pid: number): Promise<void> {
    const inner = BigInt(innerPidOf(pid));
    await until(
      `life of process ${pid}`,
      () => this.lives > 0 && this.#read(this.#place(this.lives, "pid")) === inner,
    );
  }

  /** What a life has done. */
  reads(life = this.lives): Reads {
    return {
      done: Number(this.#read(this.#place(life, "done"))),
      begun: Number(this.#read(this.#place(life, "begun"))),
    };
  }

  /** Has every life read so many times, from its beginning on. */
  allowEveryLife(reads: number): void {
    this.#write(HEADER.allowed, BigInt(reads));
  }

  /** Has a life read until it has done so many calls in all. */
  allow(reads: number, life = this.lives): void {
    this.#write(this.#place(life, "allowed"), BigInt(reads));
  }

  /** Has a life end itself. */
  order(order: Order, life = this.lives): void {
    this.#write(this.#place(life, "order"), ORDERS[order]);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
