/** Counters that go on from one process of the target to the next. Pure. @module */
import type { ProcessCounters } from "./totals.ts";

type Counter = keyof ProcessCounters;

const COUNTERS = [
  "cpuNs",
  "cpuWaitNs",
  "majorFaults",
  "readBytes",
  "writtenBytes",
] as const satisfies readonly Counter[];

/** One counter: what earlier processes had, and the most that was read of this one. */
interface Account {
  /** Less than none where what this process had used before its turn is taken off. */
  before: bigint;
  most: bigint | undefined;
}

/** A reading of a process. */
export interface Reading extends ProcessCounters {
  /** Whether what ended threads have waited for a processor is in it. */
  readonly hasEndedWait: boolean;
}

/** Adds up what the processes of one target have used, one after the other. No counter ever goes back. */
export class Ledger {
  readonly #accounts = Object.fromEntries(
    COUNTERS.map((name) => [name, { before: 0n, most: undefined }]),
  ) as Record<Counter, Account>;

  /**
   * Another process takes the place of the one before.
   *
   * @param used what it had used before it did; nothing if it began since
   */
  nextProcess(used?: ProcessCounters): void {
    for (const name of COUNTERS) {
      const account = this.#accounts[name];
      const most = account.most === undefined ? undefined : used?.[name] ?? 0n;
      account.before += (account.most ?? 0n) - (most ?? 0n);
      account.most = most;
    }
  }

  /**
   * Takes a reading in.
   *
   * A thread that ends during a reading may be missed once, so a lower number is no news but for one: what threads
   * have waited that have ended is lost where the kernel does not add it up, and then the others go on from here.
   */
  add(reading: Reading): void {
    for (const name of COUNTERS) {
      const value = reading[name];
      if (value === undefined) continue;
      const account = this.#accounts[name];
      const most = account.most ?? 0n;
      if (value >= most) account.most = value;
      else if (name === "cpuWaitNs" && !reading.hasEndedWait) {
        account.before += most - value;
        account.most = value;
      }
    }
  }

  /** What all of them have used, modulo 2^64 as the kernel counts; undefined what was never read. */
  get totals(): ProcessCounters {
    return Object.fromEntries(
      COUNTERS.map((name) => {
        const { before, most } = this.#accounts[name];
        return [name, most === undefined ? undefined : BigInt.asUintN(64, before + most)];
      }),
    ) as Record<Counter, bigint> as ProcessCounters;
  }

  /** Whether anything has been read. */
  get isEmpty(): boolean {
    return this.#accounts.cpuNs.most === undefined;
  }
}
