/**
 * The types of maps: one row each, with all that differs between them. A new type is a new row.
 *
 * Source: `enum bpf_map_type` of `include/uapi/linux/bpf.h`, and the `map_alloc_check`, `map_check_btf` and look-ups
 * of each type in `kernel/bpf/` and `net/core/`. `tests/syscall/kernel_abi_test.ts` compares names and numbers with
 * the running kernel.
 *
 * @module
 */

/**
 * What a map is made of, which says what its keys are: indices of an array, keys of a hash, prefixes of a trie,
 * descriptors of the objects that something is stored for, numbers of stacks; queues and ring buffers have none.
 */
export type MapShape = "array" | "hash" | "trie" | "storage" | "stacks" | "queue" | "ring";

/** What is known of a type of maps. */
export interface MapTraits {
  /** Its number. */
  readonly id: number;
  /** Absent where neither creating nor reading such maps depends on it. */
  readonly shape?: MapShape;
  /** Whether it has a value for each CPU. */
  readonly isPerCpu?: true;
  /** Whether the kernel lets BTF not describe its keys and values. */
  readonly refusesBtf?: true;
  /** What its slots hold, if not values. */
  readonly holds?: "maps" | "programs";
  /** Whether it has an entry for each CPU where `max_entries` is left open. */
  readonly fitsCpus?: true;
  /** What the keys of a storage are. */
  readonly keys?: string;
}

/** The types of maps, by their names after `BPF_MAP_TYPE_`. */
export const MAP_TYPES = {
  UNSPEC: { id: 0 },
  HASH: { id: 1, shape: "hash" },
  ARRAY: { id: 2, shape: "array" },
  PROG_ARRAY: { id: 3, shape: "array", holds: "programs" },
  PERF_EVENT_ARRAY: { id: 4, shape: "array", refusesBtf: true, fitsCpus: true },
  PERCPU_HASH: { id: 5, shape: "hash", isPerCpu: true },
  PERCPU_ARRAY: { id: 6, shape: "array", isPerCpu: true },
  STACK_TRACE: { id: 7, shape: "stacks", refusesBtf: true },
  CGROUP_ARRAY: { id: 8, shape: "array", refusesBtf: true },
  LRU_HASH: { id: 9, shape: "hash" },
  LRU_PERCPU_HASH: { id: 10, shape: "hash", isPerCpu: true },
  LPM_TRIE: { id: 11, shape: "trie" },
  ARRAY_OF_MAPS: { id: 12, shape: "array", refusesBtf: true, holds: "maps" },
  HASH_OF_MAPS: { id: 13, shape: "hash", refusesBtf: true, holds: "maps" },
  DEVMAP: { id: 14, refusesBtf: true },
  SOCKMAP: { id: 15, refusesBtf: true },
  CPUMAP: { id: 16, refusesBtf: true },
  XSKMAP: { id: 17, refusesBtf: true },
  SOCKHASH: { id: 18, refusesBtf: true },
  CGROUP_STORAGE: { id: 19 },
  REUSEPORT_SOCKARRAY: { id: 20 },
  PERCPU_CGROUP_STORAGE: { id: 21, isPerCpu: true },
  QUEUE: { id: 22, shape: "queue", refusesBtf: true },
  STACK: { id: 23, shape: "queue", refusesBtf: true },
  SK_STORAGE: { id: 24, shape: "storage", keys: "descriptors of sockets" },
  DEVMAP_HASH: { id: 25, refusesBtf: true },
  STRUCT_OPS: { id: 26 },
  RINGBUF: { id: 27, shape: "ring" },
  INODE_STORAGE: { id: 28, shape: "storage", keys: "descriptors of open files" },
  TASK_STORAGE: { id: 29, shape: "storage", keys: "descriptors of processes (pidfd)" },
  BLOOM_FILTER: { id: 30, shape: "queue" },
  USER_RINGBUF: { id: 31, shape: "ring" },
  CGRP_STORAGE: { id: 32, shape: "storage", keys: "descriptors of cgroup directories" },
  ARENA: { id: 33 },
} as const satisfies Readonly<Record<string, MapTraits>>;

/** `enum bpf_map_type`. */
export const BpfMapType: { readonly [Name in keyof typeof MAP_TYPES]: typeof MAP_TYPES[Name]["id"] } = Object
  .fromEntries(Object.entries(MAP_TYPES).map(([name, { id }]) => [name, id])) as typeof BpfMapType;

const BY_ID: ReadonlyMap<number, MapTraits & { readonly name: string }> = new Map(
  Object.entries(MAP_TYPES).map(([name, traits]) => [traits.id, { name, ...traits }]),
);

/** What is known of a type by its number: undefined if nothing is. */
export function mapTraits(type: number): MapTraits | undefined {
  return BY_ID.get(type);
}

/** A type's name, as it comes after `BPF_MAP_TYPE_`; its number where it has none here. */
export function mapTypeName(type: number): string {
  return BY_ID.get(type)?.name ?? String(type);
}
