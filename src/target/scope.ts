/** The filter in the kernel: whose events count. @module */
import type { FlatField } from "../elf/mod.ts";
import { type CommFallback, commWords, encodeCommPrefix, type PidNamespace } from "../discovery/mod.ts";

export type { CommFallback };

/** Whose events count. */
export interface Scope {
  /** The target's cgroup; undefined leaves it to the comm prefix. */
  readonly cgroup?: { readonly id: bigint; readonly level: number } | undefined;
  /** 1 to 15 bytes of UTF-8. */
  readonly commPrefix: string;
  readonly commFallback: CommFallback;
  /** The comm prefix decides only inside of this namespace. */
  readonly pidNamespace?: PidNamespace | undefined;
  /** The process that never counts, by its number in the initial PID namespace: the agent. */
  readonly agentTgid?: number | undefined;
}

/** `enum comm_fallback` of bpf/scope.h. */
const COMM_FALLBACK: Readonly<Record<CommFallback, bigint>> = { never: 0n, "when-unset": 1n, always: 2n };

/**
 * Encodes `struct ktm_scope` of bpf/scope.h.
 *
 * @param layout where its fields are, from the object's BTF
 * @param size its size in bytes
 */
export function encodeScope(
  { cgroup, commPrefix, commFallback, pidNamespace, agentTgid }: Scope,
  layout: ReadonlyMap<string, FlatField>,
  size: number,
): Uint8Array<ArrayBuffer> {
  const prefix = encodeCommPrefix(commPrefix);
  const comm = commWords(prefix);
  const mask = commWords(prefix.map(() => 0xff));
  const fields: Readonly<Record<string, bigint>> = {
    cgroup_id: cgroup?.id ?? 0n,
    cgroup_level: BigInt(cgroup?.level ?? 0),
    "comm[0]": comm[0],
    "comm[1]": comm[1],
    "comm_mask[0]": mask[0],
    "comm_mask[1]": mask[1],
    pidns_dev: pidNamespace?.device ?? 0n,
    pidns_ino: pidNamespace?.inode ?? 0n,
    comm_fallback: COMM_FALLBACK[commFallback],
    agent_tgid: BigInt(agentTgid ?? 0),
  };
  const bytes = new Uint8Array(new ArrayBuffer(size));
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(fields)) {
    const field = layout.get(name);
    if (field === undefined) {
      throw new RangeError(`Cannot program the filter: the object has no field ${name}`);
    }
    if (field[1] === 8) view.setBigUint64(field[0], value, true);
    else view.setUint32(field[0], Number(value), true);
  }
  return bytes;
}

/** What the filter's slot has to hold, one after the other. */
export interface FilterUpdate {
  /** The new scope beside the one that is in force; undefined if none is yet. */
  readonly prepared: Uint8Array<ArrayBuffer> | undefined;
  /** The new scope in force. */
  readonly final: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes `struct ktm_filter` of bpf/scope.h so that programs that read meanwhile never see half a scope.
 *
 * @param scope the new scope, as {@linkcode encodeScope} gives it
 * @param layout where the fields of the filter are, from the object's BTF
 * @param current what the slot holds; undefined before the first program runs
 * @param size its size in bytes
 */
export function encodeFilter(
  scope: Uint8Array,
  layout: ReadonlyMap<string, FlatField>,
  current: Uint8Array<ArrayBuffer> | undefined,
  size: number,
): FilterUpdate {
  const field = (path: string): FlatField => {
    const found = layout.get(path);
    if (found === undefined) {
      throw new RangeError(`Cannot program the filter: the object has no field ${path}`);
    }
    return found;
  };
  const [at] = field("generation");
  const final = current?.slice() ?? new Uint8Array(new ArrayBuffer(size));
  const view = new DataView(final.buffer);
  const generation = view.getBigUint64(at, true) + 1n;
  final.set(scope, field(`scopes[${generation & 1n}].cgroup_id`)[0]);
  const prepared = current === undefined ? undefined : final.slice();
  view.setBigUint64(at, generation, true);
  return { prepared, final };
}
