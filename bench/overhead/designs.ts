/** What is compared: nothing, the reference's design, ours, and ours by classic tracepoints. @module */
import { IOMONITOR } from "../../src/collector/iomonitor/mod.ts";
import { flatLayout } from "../../src/elf/mod.ts";
import { BpfObject, type BpfProgram, SLOT_0 } from "../../src/loader/mod.ts";
import { openObject, ProbeSession, type StrategyName } from "../../src/programs/mod.ts";
import { stat } from "../../src/syscall/mod.ts";
import { encodeFilter, encodeScope, type Scope } from "../../src/target/mod.ts";

/** The names that the tables use. */
export type DesignName = "none" | "R" | "K" | "C";

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

/** The reference's design, ready to be attached. */
function loadReference(object: BpfObject, { cgroup, commPrefix }: Scope): BpfProgram[] {
  object.map("filter").update(SLOT_0, referenceFilter(cgroup?.id ?? 0n, commPrefix));
  return REFERENCE_PROGRAMS.map((name) => object.program(name));
}

/** The programs that `ktm run` attaches on this kernel, or would attach by these strategies alone. */
function loadOurs(object: BpfObject, scope: Scope, strategies?: readonly StrategyName[]): BpfProgram[] {
  using session = new ProbeSession(IOMONITOR, openObject(IOMONITOR), strategies);
  const names = new Set(session.probes.flatMap(({ serving }) => serving?.programs ?? []));
  const { btf } = object.spec;
  const map = object.map("ktm_scope");
  const layout = flatLayout(btf, "ktm_filter");
  const size = layout.get("scopes[1].cgroup_id")![0] - layout.get("scopes[0].cgroup_id")![0];
  const encoded = encodeScope(scope, flatLayout(btf, "ktm_scope"), size);
  map.update(SLOT_0, encodeFilter(encoded, layout, undefined, map.valueSize).final);
  return [...names].map((name) => object.program(name));
}

function design(name: DesignName, programs: readonly BpfProgram[]): Design {
  return {
    name,
    attach: () => {
      const links = new DisposableStack();
      for (const program of programs) links.use(program.link());
      return links;
    },
  };
}

/** Everything loaded, to be attached and detached as often as need be. */
export class Designs implements Disposable {
  /** In the order of a round. */
  readonly all: readonly Design[];
  readonly #objects = new DisposableStack();

  /**
   * Loads everything.
   *
   * @param reference the reference's object file
   * @param cgroup the target's cgroup, one level below the root
   * @param commPrefix the target's comm
   */
  constructor(reference: Uint8Array, cgroup: string, commPrefix: string) {
    const scope: Scope = { cgroup: { id: stat(cgroup).inode, level: 1 }, commPrefix, commFallback: "always" };
    const theirs = this.#objects.use(new BpfObject(reference, { modules: false }));
    const ours = this.#objects.use(openObject(IOMONITOR));
    this.all = [
      design("none", []),
      design("R", loadReference(theirs, scope)),
      design("K", loadOurs(ours, scope)),
      design("C", loadOurs(ours, scope, ["tracepoint"])),
    ];
  }

  [Symbol.dispose](): void {
    this.#objects.dispose();
  }
}
