/** What one reading of the iterator tells. Pure. @module */
import type { FlatField } from "../../elf/mod.ts";
import { type Labels, NO_LABELS, type Sample } from "../../metrics/mod.ts";
import type { WatchedCall } from "../../programs/mod.ts";
import { MOST_CALLS } from "./calls.ts";
import { CALL_OLDEST, CALLS_IN_FLIGHT, PROCESS_FAMILIES } from "./metrics.ts";

/** What only grows while the process runs. What the kernel does not count is undefined. */
export interface ProcessCounters {
  readonly cpuNs: bigint;
  readonly cpuWaitNs: bigint | undefined;
  readonly majorFaults: bigint;
  readonly readBytes: bigint | undefined;
  readonly writtenBytes: bigint | undefined;
}

/** The state of the calls of one kind. */
export interface CallState {
  readonly inFlight: bigint;
  readonly oldestNs: bigint;
}

/** `struct process_totals` of bpf/procmonitor.bpf.c. */
export interface ProcessTotals extends ProcessCounters {
  /** Start of the process in nanoseconds since the machine started. */
  readonly startNs: bigint;
  /** When it was read, on the same clock. */
  readonly nowNs: bigint;
  /** Whether what ended threads have waited for a processor is in `cpuWaitNs`. */
  readonly hasEndedWait: boolean;
  readonly threads: bigint;
  /** Threads that the iterator came to. */
  readonly seen: bigint;
  readonly blocked: bigint;
  /** In the order of the calls that were asked for. */
  readonly calls: readonly CallState[];
}

/**
 * Decodes what the iterator wrote.
 *
 * @param bytes nothing if it came to no thread
 * @param layout of the structure, from the object's BTF
 * @throws {RangeError} if it is not one structure
 */
export function decodeTotals(
  bytes: Uint8Array<ArrayBuffer>,
  layout: ReadonlyMap<string, FlatField>,
): ProcessTotals | undefined {
  if (bytes.length === 0) return undefined;
  const size = Math.max(...[...layout.values()].map(([offset, width]) => offset + width));
  if (bytes.length !== size) {
    throw new RangeError(`Cannot read the threads: the iterator wrote ${bytes.length} bytes, not ${size}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (name: string): bigint => view.getBigUint64(layout.get(name)![0], true);
  const hasIo = field("has_io") !== 0n;
  return {
    startNs: field("start_ns"),
    nowNs: field("now_boot_ns"),
    cpuNs: field("cpu_ns"),
    cpuWaitNs: field("has_cpu_wait") === 0n ? undefined : field("cpu_wait_ns"),
    hasEndedWait: field("ended_wait_ns") !== 0n,
    majorFaults: field("major_faults"),
    readBytes: hasIo ? field("read_bytes") : undefined,
    writtenBytes: hasIo ? field("written_bytes") : undefined,
    threads: field("threads"),
    seen: field("seen"),
    blocked: field("blocked"),
    calls: Array.from({ length: MOST_CALLS }, (_, slot) => ({
      inFlight: field(`calls[${slot}]`),
      oldestNs: field(`oldest_ns[${slot}]`),
    })),
  };
}

type ScalarFamily = (typeof PROCESS_FAMILIES)[keyof typeof PROCESS_FAMILIES];

/** Makes the samples of counters. */
export function counterSamples(counters: ProcessCounters): Sample[] {
  return (["cpuNs", "cpuWaitNs", "majorFaults", "readBytes", "writtenBytes"] as const)
    .flatMap((name): Sample[] => {
      const value = counters[name];
      const family: ScalarFamily = PROCESS_FAMILIES[name];
      return value === undefined ? [] : [{ family, labels: NO_LABELS, value }];
    });
}

/** A call that was asked for. */
export interface CallSlot {
  readonly call: WatchedCall;
  /** Where it is in the totals. */
  readonly slot: number;
  /** One object a call, by which a recorder knows the series again. */
  readonly labels: Labels;
}

/**
 * Makes the samples of what is the case at the moment.
 *
 * @param calls of each there is a sample, also if no thread is in it
 */
export function stateSamples(
  { threads, blocked, calls: states }: ProcessTotals,
  calls: readonly CallSlot[],
): Sample[] {
  const perCall = calls.map(({ slot, labels }) => ({ labels, ...states[slot]! }));
  return [
    { family: PROCESS_FAMILIES.threads, labels: NO_LABELS, value: threads },
    { family: PROCESS_FAMILIES.blocked, labels: NO_LABELS, value: blocked },
    ...perCall.map(({ labels, inFlight }) => ({ family: CALLS_IN_FLIGHT, labels, value: inFlight })),
    ...perCall.map(({ labels, oldestNs }) => ({ family: CALL_OLDEST, labels, value: oldestNs })),
  ];
}
