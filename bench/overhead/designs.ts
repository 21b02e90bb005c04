/** What is compared: nothing, the reference's design, ours. @module */
import iomonitor from "../../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { Session } from "../../src/collector/iomonitor/session.ts";
import { BpfObject, SLOT_0 } from "../../src/loader/mod.ts";
import { stat } from "../../src/syscall/mod.ts";

/** The names that the tables use. */
export type DesignName = "none" | "R" | "K";

/** One way to watch. */
export interface Design {
  readonly name: DesignName;
  /** Attaches it until the result is disposed of. */
  attach(): Disposable;
}

/** The programs of the reference's design, the one that ends an interval first. */
const REFERENCE_PROGRAMS = [
  "leave_read",
  "enter_read",
  "leave_pread",
  "enter_pread",
  "cache_lookup",
  "cache_add",
] as const;

/** `struct filter` of reference.bpf.c: cgroup id, then the comm prefix with zeros up to 16 bytes. */
function referenceFilter(cgroupId: bigint, commPrefix: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(24));
  new DataView(bytes.buffer).setBigUint64(0, cgroupId, true);
  bytes.set(new TextEncoder().encode(commPrefix), 8);
  return bytes;
}

/**
 * The designs in the order in which a round has them.
 *
 * The reference's maps are large, and the kernel takes its time to free them: they stay, and only its programs come
 * and go.
 *
 * @param reference the reference's object
 * @param cgroup the target's cgroup, one level below the root
 * @param commPrefix the target's comm
 */
export function designs(reference: BpfObject, cgroup: string, commPrefix: string): readonly Design[] {
  const id = stat(cgroup).inode;
  reference.map("filter").update(SLOT_0, referenceFilter(id, commPrefix));
  const programs = REFERENCE_PROGRAMS.map((name) => reference.program(name));
  return [
    { name: "none", attach: () => new DisposableStack() },
    {
      name: "R",
      attach: () => {
        const links = new DisposableStack();
        for (const program of programs) links.use(program.link());
        return links;
      },
    },
    {
      name: "K",
      attach: () => new Session(iomonitor, { cgroup: { id, level: 1 }, commPrefix, commFallback: "always" }),
    },
  ];
}
