/** Processes as the kernel knows them, whatever `/proc` shows and whatever cgroups are mounted. @module */
import object from "../../bpf/processes.bpf.o" with { type: "bytes" };
import { type FlatField, flatLayout } from "../elf/mod.ts";
import { BpfObject } from "../loader/mod.ts";
import { commWords } from "./comm_prefix.ts";
import { pidNamespace } from "./pid_namespace.ts";
import { levelsToPod } from "./pod.ts";
import { byAge, pidInProc, type Process } from "./proc.ts";
import { startTicks } from "./time_namespace.ts";

/** A process with what the kernel says of its cgroup. */
export interface KernelProcess extends Process {
  readonly cgroup: {
    readonly id: bigint;
    /** Depth below the root of the hierarchy. */
    readonly level: number;
    /** Whether this process is in that cgroup, or below it. */
    readonly holdsSelf: boolean;
  };
}

/** What the iterators tell of a process: its number is that in this process's PID namespace. */
interface FoundProcess extends KernelProcess {
  /** Its number in the initial PID namespace. */
  readonly tgid: number;
}

/** Size of `struct found_cgroup` in bpf/processes.bpf.c. */
const CGROUP_NAME_SIZE = 128;

/** Reads structures one after the other. */
function* records(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  layout: ReadonlyMap<string, FlatField>,
): Generator<(name: string) => bigint> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start + size <= bytes.length; start += size) {
    yield (name) => {
      const [offset, width] = layout.get(name)!;
      return width === 8
        ? view.getBigUint64(start + offset, true)
        : BigInt(view.getUint32(start + offset, true));
    };
  }
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * Iterators in the kernel over the processes whose comm starts with a prefix: those that this process's PID
 * namespace shows and, if this process is in a pod, those of the pod that it does not show. They need what the
 * probes need; nothing is loaded before the first list.
 */
export class KernelProcesses implements Disposable {
  readonly #object: BpfObject;
  readonly #layout: ReadonlyMap<string, FlatField>;
  readonly #size: number;
  /** Whether there may be processes in a pod that this PID namespace does not show; undefined before the first list. */
  #hasPod: boolean | undefined;

  /** @param prefix 1 to 15 bytes */
  constructor(prefix: Uint8Array) {
    this.#object = new BpfObject(object, { modules: false });
    this.#layout = flatLayout(this.#object.spec.btf, "found_process");
    this.#size = Math.max(...[...this.#layout.values()].map(([offset, size]) => offset + size));
    const comm = this.#object.variable("comm");
    const mask = this.#object.variable("comm_mask");
    comm.set([...commWords(prefix)]);
    mask.set([...commWords(prefix.map(() => 0xff))]);
  }

  /**
   * Lists the processes, oldest first and, of the same age, lowest pid first, those that the PID namespace does
   * not show after all others; this process is left out.
   *
   * @throws {Error} if the kernel does not allow it
   */
  list(): KernelProcess[] {
    const found = this.#read("find_processes");
    const ownTgid = found.find(({ pid }) => pid === Deno.pid)?.tgid ?? 0;
    const shown = found.filter(({ tgid }) => tgid !== ownTgid)
      .map(({ tgid, ...process }) => ({ ...process, pid: pidInProc({ pid: process.pid, tgid }, ownTgid) }));
    const hidden = this.#readPod().filter(({ cgroup }) => !cgroup.holdsSelf)
      .map(({ tgid: _, ...process }) => process);
    this.#object.releaseKernelBtf();
    return [...shown.sort(byAge), ...hidden.sort(byAge)];
  }

  #read(program: string): FoundProcess[] {
    const fields = [...records(this.#object.read(program), this.#size, this.#layout)];
    // Each of its other threads reports a process whose main thread has ended.
    return [...new Map(fields.map((field) => [field("tgid"), this.#processOf(field)])).values()];
  }

  #processOf(field: (name: string) => bigint): FoundProcess {
    return {
      tgid: Number(field("tgid")),
      pid: Number(field("pid")),
      comm: textOf(new Uint8Array(BigUint64Array.of(field("comm[0]"), field("comm[1]")).buffer)),
      startTime: startTicks(field("start_ns")),
      cgroup: {
        id: field("cgroup_id"),
        level: Number(field("cgroup_level")),
        holdsSelf: field("holds_reader") !== 0n,
      },
    };
  }

  #readPod(): FoundProcess[] {
    try {
      this.#hasPod ??= this.#findPod();
      return this.#hasPod ? this.#read("find_in_pod") : [];
    } catch {
      // Cgroups are unlike those of known kernels, which is no reason to do without the others.
      this.#hasPod = false;
      return [];
    }
  }

  /** Lets the kernel know this process's pod; false if it is in none, or sees every process as it is. */
  #findPod(): boolean {
    const levels = pidNamespace() === undefined ? undefined : levelsToPod(this.#cgroupsAbove());
    if (levels !== undefined) this.#object.variable("levels_to_pod").set(levels);
    return levels !== undefined;
  }

  /** The names of the cgroups above this process's, the nearest first. */
  #cgroupsAbove(): string[] {
    const bytes = this.#object.read("find_cgroups_above");
    this.#object.unload("find_cgroups_above");
    const count = bytes.length / CGROUP_NAME_SIZE;
    return Array.from({ length: count }, (_, index) => textOf(bytes.subarray(index * CGROUP_NAME_SIZE)));
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }
}
