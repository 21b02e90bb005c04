/** Processes as the kernel knows them, whatever `/proc` shows and whatever cgroups are mounted. @module */
import object from "../../bpf/processes.bpf.o" with { type: "bytes" };
import { type FlatField, flatLayout } from "../elf/mod.ts";
import { BpfObject } from "../loader/mod.ts";
import { commWords } from "./comm_prefix.ts";
import { byAge, type Process } from "./proc.ts";

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

const PROGRAM = "find_processes";

/** Nanoseconds of a clock tick, which is a hundredth of a second everywhere (`USER_HZ`). */
const TICK_NS = 10_000_000n;

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

function textOf(words: readonly bigint[]): string {
  const bytes = new Uint8Array(BigUint64Array.from(words).buffer);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * An iterator in the kernel over the processes whose comm starts with a prefix, those that this process's PID
 * namespace shows. It needs what the probes need; nothing is loaded before the first list.
 */
export class KernelProcesses implements Disposable {
  readonly #object: BpfObject;
  readonly #layout: ReadonlyMap<string, FlatField>;
  readonly #size: number;

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
   * Lists the processes, oldest first and, of the same age, lowest pid first; this process is left out.
   *
   * @throws {Error} if the kernel does not allow it
   */
  list(): KernelProcess[] {
    const bytes = this.#object.read(PROGRAM);
    this.#object.releaseKernelBtf();
    return [...records(bytes, this.#size, this.#layout)]
      .map((field) => ({
        pid: Number(field("pid")),
        comm: textOf([field("comm[0]"), field("comm[1]")]),
        startTime: field("start_ns") / TICK_NS,
        cgroup: {
          id: field("cgroup_id"),
          level: Number(field("cgroup_level")),
          holdsSelf: field("holds_reader") !== 0n,
        },
      }))
      .filter(({ pid }) => pid !== Deno.pid)
      .sort(byAge);
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }
}
