/**
 * What the kernel means when it refuses a map, or something of a map, with no more than an error number: tables, of
 * which the first row that fits counts. Pure.
 *
 * Source: the checks of each type of maps in `kernel/bpf/` (`arraymap.c`, `hashtab.c`, `lpm_trie.c`, `ringbuf.c`,
 * `queue_stack_maps.c`, `bloom_filter.c`, `bpf_local_storage.c`), and `kernel/bpf/syscall.c`.
 *
 * @module
 */
import { BpfMapFlag, type MapShape, type MapSpec, mapTraits, mapTypeName } from "../../elf/mod.ts";
import { Errno, SyscallError } from "../../syscall/mod.ts";

/** A row: what is to be said of an error, if the map is so. */
interface Hint {
  readonly errno: number;
  /** The system call, if it matters. */
  readonly syscall?: string;
  /** What the map is made of, if it matters. */
  readonly shapes?: readonly MapShape[];
  /** What else has to be so. */
  readonly isSo?: (spec: MapSpec) => boolean;
  readonly says: (spec: MapSpec) => string;
}

function typeName({ type }: MapSpec): string {
  return mapTypeName(type);
}

const CREATION: readonly Hint[] = [
  {
    errno: Errno.EINVAL,
    isSo: ({ type }) => mapTraits(type) === undefined,
    says: (spec) => `this kernel has no maps of type ${typeName(spec)}`,
  },
  {
    errno: Errno.EINVAL,
    shapes: ["storage"],
    isSo: ({ maxEntries, flags, keySize }) =>
      maxEntries !== 0 || (flags & BpfMapFlag.NO_PREALLOC) === 0 || keySize !== 4,
    says: (spec) => `${typeName(spec)} takes max_entries 0, the flag BPF_F_NO_PREALLOC, and keys of 4 bytes`,
  },
  {
    errno: Errno.EINVAL,
    shapes: ["ring"],
    isSo: ({ maxEntries }) => maxEntries === 0,
    says: () => "max_entries has to be its size in bytes, at least 1",
  },
  {
    errno: Errno.EINVAL,
    isSo: ({ type, maxEntries }) => maxEntries === 0 && mapTraits(type)?.shape !== "storage",
    says: () => "max_entries has to be at least 1",
  },
  {
    errno: Errno.EINVAL,
    shapes: ["trie"],
    isSo: ({ flags }) => (flags & BpfMapFlag.NO_PREALLOC) === 0,
    says: () => "LPM_TRIE takes the flag BPF_F_NO_PREALLOC",
  },
  {
    errno: Errno.EINVAL,
    shapes: ["trie"],
    isSo: ({ keySize }) => keySize < 5 || keySize > 260,
    says: () => "keys of LPM_TRIE have 5 to 260 bytes, 4 of them for the length of the prefix",
  },
  {
    errno: Errno.EINVAL,
    shapes: ["array", "stacks"],
    isSo: ({ keySize }) => keySize !== 4,
    says: (spec) => `keys of ${typeName(spec)} have 4 bytes`,
  },
  {
    errno: Errno.EINVAL,
    shapes: ["queue", "ring"],
    isSo: ({ keySize }) => keySize !== 0,
    says: (spec) => `${typeName(spec)} has no keys`,
  },
  {
    errno: Errno.EINVAL,
    shapes: ["ring"],
    isSo: ({ valueSize }) => valueSize !== 0,
    says: (spec) => `${typeName(spec)} has no values`,
  },
  {
    errno: Errno.EINVAL,
    shapes: ["hash"],
    isSo: ({ keySize }) => keySize === 0,
    says: () => "it needs a key",
  },
  {
    errno: Errno.EINVAL,
    isSo: ({ type, valueSize }) => valueSize === 0 && mapTraits(type)?.shape !== "ring",
    says: () => "it needs a value",
  },
  {
    errno: Errno.EINVAL,
    says: () => "attributes do not fit each other, or this kernel does not know the type or a flag",
  },
  {
    errno: Errno.E2BIG,
    isSo: ({ type }) => mapTraits(type)?.isPerCpu ?? false,
    says: () => "its values are too large: those of per-CPU maps have at most 32 KiB",
  },
  {
    errno: Errno.E2BIG,
    says: () => "keys, values, or all of them together are larger than the kernel allows",
  },
  {
    errno: Errno.ENOMEM,
    says: () => "the kernel has no memory for it; give it fewer entries or smaller values",
  },
  {
    errno: Errno.EMFILE,
    says: () =>
      "the process has too many files open; raise the limit with ulimit -n, or LimitNOFILE in a systemd unit",
  },
  {
    errno: Errno.ENOTSUPP,
    says: (spec) => `this kernel does not have ${typeName(spec)} with these attributes`,
  },
];

const UPDATE = "bpf(BPF_MAP_UPDATE_ELEM)";
const DELETE = "bpf(BPF_MAP_DELETE_ELEM)";
const NEXT_KEY = "bpf(BPF_MAP_GET_NEXT_KEY)";
const BATCH = "bpf(BPF_MAP_LOOKUP_BATCH)";
const FREEZE = "bpf(BPF_MAP_FREEZE)";

/** What kernels say when a type of maps cannot do something. */
const UNABLE = [Errno.EINVAL, Errno.ENOTSUPP, Errno.EOPNOTSUPP];

const UNLISTED: readonly MapShape[] = ["queue", "ring", "storage"];

function cannotBeListed(spec: MapSpec): string {
  return `the keys of ${typeName(spec)} cannot be listed`;
}

const USE: readonly Hint[] = [
  {
    errno: Errno.E2BIG,
    syscall: UPDATE,
    shapes: ["array"],
    says: ({ maxEntries }) => `there is no such index: it has ${maxEntries} entries`,
  },
  {
    errno: Errno.E2BIG,
    syscall: UPDATE,
    says: ({ maxEntries }) => `it is full: max_entries is ${maxEntries}`,
  },
  {
    errno: Errno.EPERM,
    syscall: UPDATE,
    says: () =>
      "it is frozen, as constants are once they are in the kernel, or only programs may write to it",
  },
  {
    errno: Errno.EPERM,
    syscall: DELETE,
    says: () => "it is frozen, or only programs may write to it",
  },
  {
    errno: Errno.EINVAL,
    syscall: UPDATE,
    shapes: ["trie"],
    says: ({ keySize }) => `the prefix is longer than the ${(keySize - 4) * 8} bits of the key`,
  },
  {
    errno: Errno.EINVAL,
    syscall: DELETE,
    shapes: ["array"],
    says: () => "nothing can be removed from an array; store zeros instead",
  },
  {
    errno: Errno.EBUSY,
    syscall: FREEZE,
    says: () => "it is frozen already, or somebody has it in memory to write to it",
  },
  {
    errno: Errno.EPERM,
    syscall: FREEZE,
    says: () => "it is frozen already, or CAP_BPF is missing",
  },
  ...UNABLE.flatMap((errno): Hint[] => [
    { errno, syscall: NEXT_KEY, shapes: UNLISTED, says: cannotBeListed },
    { errno, syscall: BATCH, shapes: UNLISTED, says: cannotBeListed },
    {
      errno,
      syscall: BATCH,
      says: (spec) => `this kernel does not read ${typeName(spec)} in batches; use keys() and lookup()`,
    },
  ]),
  {
    errno: Errno.EBADF,
    shapes: ["storage"],
    says: ({ type }) => `its keys are ${mapTraits(type)?.keys}`,
  },
];

function findHint(hints: readonly Hint[], spec: MapSpec, error: SyscallError): string | undefined {
  const shape = mapTraits(spec.type)?.shape;
  const isShape = (shapes: readonly MapShape[]) => shape !== undefined && shapes.includes(shape);
  return hints.find(({ errno, syscall = error.syscall, shapes, isSo }) =>
    errno === error.errno && syscall === error.syscall && (shapes === undefined || isShape(shapes)) &&
    isSo?.(spec) !== false
  )?.says(spec);
}

/**
 * Why the kernel did not create a map.
 *
 * @param spec what was asked of the kernel
 * @param error what it said
 * @returns undefined if that is not known
 */
export function creationHint(spec: MapSpec, error: SyscallError): string | undefined {
  return findHint(CREATION, spec, error);
}

/** The attributes that the kernel looks at when a map is created, as it calls them. */
export function describeMap(spec: MapSpec): string {
  const { keySize, valueSize, maxEntries, flags } = spec;
  return `type ${typeName(spec)}, key_size ${keySize}, value_size ${valueSize}, max_entries ${maxEntries}, ` +
    `map_flags 0x${flags.toString(16)}`;
}

/**
 * The error that says why the kernel refused something of a map.
 *
 * @param spec the map
 * @param error what the system call said
 * @returns the same error if there is no more to say
 */
export function explained(spec: MapSpec, error: SyscallError): SyscallError {
  const hint = findHint(USE, spec, error);
  return hint === undefined ? error : new SyscallError(error.action, error.syscall, error.errno, hint);
}
