/** How processes of the target have ended, as the kernel saw it. @module */
import { type FlatField, flatLayout } from "../elf/mod.ts";
import { pidInProc, startTicks, type TimeOffsets, timeOffsets } from "../discovery/mod.ts";
import type { BpfMap, BpfObject } from "../loader/mod.ts";
import { Signal, textBeforeNul } from "../syscall/mod.ts";

/** How a process ended, as the kernel saw it. */
export interface ProcessEnd {
  /** That of its main thread. */
  readonly comm: string;
  /** In clock ticks as `/proc/<pid>/stat` shows them to this process: comparable with `Process.startTime`. */
  readonly startTime: bigint;
  /** As `Process.pid`: its number in `/proc`; 0 if that does not show it. */
  readonly pid: number;
  /** When it ended, in milliseconds of `CLOCK_MONOTONIC` as this process reads it. */
  readonly monotonicMs: number;
  /** `oom`: by a SIGKILL after the OOM killer had chosen it. */
  readonly how: "exit" | "signal" | "oom";
  /** What it gave to `exit(3)`, 0 to 255, if it ended so. */
  readonly status?: number;
  /** The signal that ended it, if one did. */
  readonly signal?: number;
  /** Whether that signal left a core dump. */
  readonly dumpedCore?: boolean;
}

/** `struct process_end` of bpf/ends.h. */
export interface EndRecord {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly comm: string;
  readonly tgid: number;
  readonly pid: number;
  /** As `wait(2)` gives it. */
  readonly status: number;
  readonly isOomKill: boolean;
}

/** Most ends that are remembered; the oldest are forgotten first. */
export const MOST_ENDS = 256;

/** Reads `struct process_end`. */
export function readEnd(bytes: Uint8Array<ArrayBuffer>, layout: ReadonlyMap<string, FlatField>): EndRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (name: string): number => {
    const field = layout.get(name);
    if (field === undefined) throw new RangeError(`Cannot read how a process ended: no field ${name}`);
    return field[0];
  };
  const comm = at("comm[0]");
  return {
    startNs: view.getBigUint64(at("start_ns"), true),
    endNs: view.getBigUint64(at("end_ns"), true),
    comm: textBeforeNul(bytes.subarray(comm, comm + 16)),
    tgid: view.getUint32(at("tgid"), true),
    pid: view.getUint32(at("pid"), true),
    status: view.getUint32(at("status"), true),
    isOomKill: view.getUint32(at("is_oom_kill"), true) !== 0,
  };
}

/** The status of `wait(2)` in its parts: `man 2 wait`, and `include/uapi/asm-generic/wait.h`. */
function causeOf(
  { status, isOomKill }: EndRecord,
): Pick<ProcessEnd, "how" | "status" | "signal" | "dumpedCore"> {
  const signal = status & 0x7f;
  if (signal === 0) return { how: "exit", status: status >> 8 & 0xff };
  return { how: isOomKill ? "oom" : "signal", signal, dumpedCore: (status & 0x80) !== 0 };
}

/** What a record says, in this process's clocks, and with this number. */
export function endOf(record: EndRecord, offsets: TimeOffsets, pid: number): ProcessEnd {
  return {
    comm: record.comm,
    startTime: startTicks(record.startNs, offsets),
    pid,
    monotonicMs: Number(record.endNs + offsets.monotonic) / 1e6,
    ...causeOf(record),
  };
}

/** Ends in the order in which they came, each process once. */
export class EndLog {
  readonly #records = new Map<string, EndRecord>();

  /** Before 6.15 the kernel may tell of an end twice: two threads that end at once both take themselves for the last. */
  add(record: EndRecord): void {
    const key = `${record.tgid} ${record.startNs}`;
    const known = this.#records.get(key);
    this.#records.set(
      key,
      known === undefined ? record : { ...known, isOomKill: known.isOomKill || record.isOomKill },
    );
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MOST_ENDS) break;
      this.#records.delete(oldest);
    }
  }

  /** The newest last. */
  list(): readonly EndRecord[] {
    return [...this.#records.values()];
  }
}

/** The ends of the processes in scope, which the programs of an object put into its queue. */
export class TargetEnds {
  readonly #layout: ReadonlyMap<string, FlatField>;
  readonly #queue: BpfMap;
  readonly #victims: BpfMap;
  readonly #log = new EndLog();
  readonly #agentTgid: number;
  #late = 0n;

  /**
   * @param object whose programs of the probe `process_end` are attached
   * @param agentTgid this process's number in the initial PID namespace
   */
  constructor(object: BpfObject, agentTgid: number) {
    this.#agentTgid = agentTgid;
    this.#layout = flatLayout(object.spec.btf, "process_end");
    this.#queue = object.map("ktm_ends");
    this.#victims = object.map("ktm_oom_victims");
  }

  /**
   * OOM kills that the programs have not counted: from 6.15 on a process may get to its end before the kernel tells
   * that it was chosen.
   */
  get lateOomKills(): bigint {
    this.#take();
    return this.#late;
  }

  /** The newest last, as many as are remembered. */
  list(): ProcessEnd[] {
    this.#take();
    return this.#log.list().map((record) => endOf(record, timeOffsets(), pidInProc(record, this.#agentTgid)));
  }

  #take(): void {
    for (let value = this.#queue.pop(); value !== undefined; value = this.#queue.pop()) {
      const record = readEnd(value, this.#layout);
      const isLate = !record.isOomKill && (record.status & 0x7f) === Signal.SIGKILL &&
        this.#wasChosen(record);
      if (isLate) this.#late++;
      this.#log.add(isLate ? { ...record, isOomKill: true } : record);
    }
  }

  /** Whether the OOM killer chose a process since it began; the answer is given once. */
  #wasChosen({ tgid, startNs }: EndRecord): boolean {
    const key = new Uint8Array(Uint32Array.of(tgid).buffer);
    const value = this.#victims.lookup(key);
    if (value === undefined) return false;
    const chosenNs = new DataView(value.buffer, value.byteOffset).getBigUint64(0, true);
    return chosenNs >= startNs && this.#victims.delete(key);
  }
}
