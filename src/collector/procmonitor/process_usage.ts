/** What the target's processes use, from the iterator. @module */
import { isSameProcess, type Process } from "../../discovery/mod.ts";
import type { Sample } from "../../metrics/mod.ts";
import type { WatchedCall } from "../../programs/mod.ts";
import { Ledger } from "./ledger.ts";
import { type CallSlot, counterSamples, type ProcessTotals, stateSamples } from "./totals.ts";

/** What gives a reading of a process: {@linkcode ThreadIterator}, or a test's own. */
export interface ThreadReader {
  read(process: Process): ProcessTotals | undefined;
}

/** Reads the process of a target, one after the other, while it is the same target. */
export class ProcessUsage {
  readonly #reader: ThreadReader;
  readonly #calls: readonly CallSlot[];
  readonly #isFollowed: (call: WatchedCall) => boolean;
  readonly #ledger = new Ledger();
  #process: Process | undefined;
  /** Whether nothing has been read yet of the process. */
  #isNew = false;
  /** When a process was last read, since the machine started. */
  #readNs = 0n;
  #problem: string | undefined;

  /**
   * Starts from zero.
   *
   * @param reader reads the threads
   * @param calls what it looks for in their states
   * @param isFollowed whether a program sees a call at the moment: of others nothing is known
   */
  constructor(
    reader: ThreadReader,
    calls: readonly WatchedCall[],
    isFollowed: (call: WatchedCall) => boolean = () => true,
  ) {
    this.#reader = reader;
    this.#calls = calls.map((call, slot) => ({ call, slot, labels: { call: call.call } }));
    this.#isFollowed = isFollowed;
  }

  /** Why the latest reading found nothing; undefined if it did. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Reads the process.
   *
   * @param process the target's at the moment; that of the reading before if there is none any more
   * @returns the samples: of a process that is gone the counters alone, as they were
   */
  read(process: Process | undefined): Sample[] {
    if (process !== undefined && !isSameProcess(process, this.#process)) {
      this.#process = process;
      this.#isNew = true;
    }
    const totals = this.#process === undefined ? undefined : this.#reader.read(this.#process);
    if (totals !== undefined) this.#add(totals);
    this.#problem = totals === undefined ? this.#absence() : undefined;
    const calls = this.#calls.filter(({ call }) => this.#isFollowed(call));
    return [
      ...this.#ledger.isEmpty ? [] : counterSamples(this.#ledger.totals),
      ...totals === undefined ? [] : stateSamples(totals, calls),
    ];
  }

  /** Of a process that ran beside the one before, only what it uses since it took its place counts. */
  #add(totals: ProcessTotals): void {
    if (this.#isNew) this.#ledger.nextProcess(totals.startNs <= this.#readNs ? totals : undefined);
    this.#isNew = false;
    this.#readNs = totals.nowNs;
    this.#ledger.add(totals);
  }

  #absence(): string {
    if (this.#process === undefined) {
      return "the target is a cgroup, and no process in it has the name that comm_prefix gives";
    }
    const { pid } = this.#process;
    return pid === 0
      ? "the target's process is in another PID namespace; in Kubernetes set shareProcessNamespace: true"
      : `process ${pid} has ended, or the agent's PID namespace does not hold it`;
  }
}
