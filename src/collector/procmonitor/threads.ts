/** The iterator over the threads of one process. @module */
import {
  isSameProcess,
  pidNamespace,
  type Process,
  showsOwnNamespace,
  startTicks,
} from "../../discovery/mod.ts";
import { type FlatField, flatLayout } from "../../elf/mod.ts";
import { BpfHelper, BpfObject, hasHelper, toProcess } from "../../loader/mod.ts";
import { type SharedMaps, threadStates, type WatchedCall } from "../../programs/mod.ts";
import { isShortage } from "../../syscall/mod.ts";
import { MOST_CALLS } from "./calls.ts";
import { PROCMONITOR_OBJECT } from "./object.ts";
import { decodeTotals, type ProcessTotals } from "./totals.ts";

const PROGRAM = "count_threads";

/** The number of no call: `NO_CALL` in bpf/watched.h. */
const NO_CALL = 0xffffffff;

/** The iterator stops short if the thread that it has come to ends: then it is run again, this often at most. */
const MOST_READINGS = 3;

/** Whether the numbers that `/proc` shows are those of the initial PID namespace. */
function knowsTgids(): boolean {
  return pidNamespace() === undefined || !showsOwnNamespace();
}

/** Adds up the threads of one process after the other; nothing is loaded before the first reading. */
export class ThreadIterator implements Disposable {
  readonly #object: BpfObject;
  readonly #layout: ReadonlyMap<string, FlatField>;
  #process: Process | undefined;
  /** Whether the kernel goes over the threads of one process alone (6.1); undefined before it was asked. */
  #narrows: boolean | undefined;

  /**
   * Opens the object.
   *
   * @param maps the filter, and the state of threads in which calls are found; the object's own, which are empty, unless
   * they are given
   * @param calls what is looked for in the state of threads
   * @throws {RangeError} if there are too many calls
   */
  constructor(maps: SharedMaps, calls: readonly WatchedCall[]) {
    if (calls.length > MOST_CALLS) {
      throw new RangeError(`Cannot watch ${calls.length} calls: there is room for ${MOST_CALLS}`);
    }
    const { present, absent } = threadStates();
    const shared = Object.entries(maps).filter(([name]) => name === "ktm_scope" || name === present);
    this.#object = new BpfObject(PROCMONITOR_OBJECT, {
      constants: {
        has_task_storage: Number(hasHelper(BpfHelper.TASK_STORAGE_GET)),
        has_task_regs: Number(hasHelper(BpfHelper.TASK_PT_REGS)),
        knows_tgids: Number(knowsTgids()),
      },
      maps: Object.fromEntries(shared),
      absentMaps: [absent],
      modules: false,
    });
    try {
      this.#layout = flatLayout(this.#object.spec.btf, "process_totals");
      const numbers = Array.from({ length: MOST_CALLS }, (_, slot) => calls[slot]?.number ?? NO_CALL);
      this.#object.variable("watched_calls").set(numbers);
      this.#object.program(PROGRAM);
      this.#object.releaseKernelBtf();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether the kernel goes over the threads of the process alone; undefined before the first reading. */
  get narrows(): boolean | undefined {
    return this.#narrows;
  }

  /**
   * Reads the threads of a process.
   *
   * @returns undefined if the PID namespace of this process does not show it, or it has ended
   * @throws {Error} if the kernel refuses
   */
  read(process: Process): ProcessTotals | undefined {
    this.#aimAt(process);
    let fullest = this.#readOnce();
    for (let reading = 1; reading < MOST_READINGS && fullest && fullest.seen < fullest.threads; reading++) {
      const next = this.#readOnce();
      if (next === undefined || next.seen >= fullest.seen) fullest = next;
    }
    // Its number may have gone to another one.
    return fullest !== undefined && startTicks(fullest.startNs) === process.startTime ? fullest : undefined;
  }

  #readOnce(): ProcessTotals | undefined {
    return decodeTotals(this.#object.read(PROGRAM), this.#layout);
  }

  #aimAt(process: Process): void {
    if (isSameProcess(process, this.#process)) return;
    this.#object.detach(PROGRAM);
    this.#object.variable(knowsTgids() ? "target_tgid" : "target_pid").set(process.pid);
    if (showsOwnNamespace()) this.#narrowTo(process.pid);
    this.#process = process;
  }

  #narrowTo(pid: number): void {
    if (this.#narrows === false) return;
    try {
      this.#object.attach(PROGRAM, toProcess(pid));
      this.#narrows = true;
    } catch (error) {
      if (isShortage(error)) throw error;
      // Older than 6.1: without a place the iterator goes over all tasks, and the program leaves the others out.
      this.#narrows = false;
    }
  }

  /** Takes everything out of the kernel. */
  close(): void {
    this.#object.close();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
