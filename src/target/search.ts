/** Looking for the target, for a small share of the time. @module */
import {
  discoverTarget,
  type Discovery,
  encodeCommPrefix,
  type Former,
  type KernelProcess,
  KernelProcesses,
  listProcesses,
  type Process,
  showsOwnNamespace,
} from "../discovery/mod.ts";
import { isShortage, messageOf, monotonicMs, threadCpuMs } from "../syscall/mod.ts";
import type { WatchLog } from "./follower.ts";

/** Milliseconds between two checks of the target, or searches for it. */
export const LOOK_INTERVAL_MS = 1000;

/** A search waits this many times as long as the one before it kept a processor: that is its share of one. */
const SEARCH_SHARE = 2000;

/** What is looked for. */
export interface SearchOptions {
  readonly commPrefix: string;
  /** The target's cgroup, if it is not to be found by comm. */
  readonly cgroupPath?: string | undefined;
  readonly log: WatchLog;
}

/** Finds the target among the processes that match, by the kernel's iterator where that can be had. */
export class TargetSearch implements Disposable {
  readonly #options: SearchOptions;
  readonly #prefix: Uint8Array;
  #kernel: KernelProcesses | undefined;
  #mayAskKernel = true;
  /** How long the latest search kept a processor. */
  #searchMs = LOOK_INTERVAL_MS / SEARCH_SHARE;
  #nextSearchMs = 0;

  /** @param options what is looked for */
  constructor(options: SearchOptions) {
    this.#options = options;
    this.#prefix = encodeCommPrefix(options.commPrefix);
  }

  /** Whether enough time has passed since the latest search. */
  get isDue(): boolean {
    return monotonicMs() >= this.#nextSearchMs;
  }

  /** Lets the next search be at once. */
  hurry(): void {
    this.#nextSearchMs = 0;
  }

  /** Lists the processes that match as the kernel knows them; none if it does not tell. */
  readonly askKernel = (): readonly KernelProcess[] => {
    if (!this.#mayAskKernel) return [];
    try {
      this.#kernel ??= new KernelProcesses(this.#prefix);
      return this.#kernel.list();
    } catch (error) {
      if (isShortage(error)) throw error;
      this.#mayAskKernel = false;
      this.#options.log.info("Searching /proc: the kernel does not list processes", {
        reason: messageOf(error),
      });
      return [];
    }
  };

  /** The processes that match: by the kernel's iterator, which takes a small part of the time. */
  candidates(): readonly Process[] {
    const known = this.askKernel();
    return this.#mayAskKernel && (known.length > 0 || showsOwnNamespace())
      ? known
      : listProcesses(this.#prefix);
  }

  /** The processes that match by /proc: once, that is quicker than loading an iterator. */
  candidatesOfProc(): readonly Process[] {
    return listProcesses(this.#prefix);
  }

  /**
   * Searches; the next search has to wait.
   *
   * @param list gives the processes that come into question
   * @param former where the target is waited for
   */
  among(list: () => readonly Process[], former?: Former): Discovery {
    const { commPrefix, cgroupPath } = this.#options;
    return this.#timed(() =>
      discoverTarget({ commPrefix, cgroupPath, candidates: list(), former, askKernel: this.askKernel })
    );
  }

  #timed(search: () => Discovery): Discovery {
    const start = threadCpuMs();
    try {
      return search();
    } finally {
      // What runs for the first time takes much longer than it ever will again.
      this.#searchMs = Math.min(threadCpuMs() - start, 2 * this.#searchMs);
      // The timer is not exact.
      this.#nextSearchMs = monotonicMs() + this.#searchMs * SEARCH_SHARE - LOOK_INTERVAL_MS / 2;
    }
  }

  [Symbol.dispose](): void {
    this.#kernel?.[Symbol.dispose]();
    this.#kernel = undefined;
  }
}
