/** Creating maps. @module */
import { BpfMapFlag, BpfMapType, type MapSpec, mapTraits } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  type FileDescriptor,
  MAP_CREATE_ATTR,
  SyscallError,
} from "../../syscall/mod.ts";
import type { ObjectBtf } from "../btf/object_btf.ts";
import { BtfLoadError, MapCreateError } from "../errors.ts";
import { possibleCpus } from "../kernel/cpus.ts";
import { kernelName } from "../names.ts";

/** Pages of 4 KiB on x86-64; arm64 kernels may have larger ones, of which these sizes must be multiples, too. */
const LARGEST_PAGE = Deno.build.arch === "aarch64" ? 1 << 16 : 1 << 12;

/** The next size that a ring buffer can have: a power of two times the page size, as libbpf rounds it. */
function ringBufferSize(size: number): number {
  return Math.max(LARGEST_PAGE, 2 ** Math.ceil(Math.log2(size)));
}

/** Number of entries as the kernel wants it: one for each CPU where the object leaves it open. */
function maxEntries({ type, maxEntries }: MapSpec): number {
  const traits = mapTraits(type);
  if (traits?.fitsCpus && maxEntries === 0) return possibleCpus();
  return traits?.shape === "ring" && maxEntries > 0 ? ringBufferSize(maxEntries) : maxEntries;
}

/**
 * What is asked of the kernel for a map: as the object says, or as the kernel needs it.
 *
 * @param spec what the object says
 */
export function adjustedSpec(spec: MapSpec): MapSpec {
  const types = mapTraits(spec.type)?.refusesBtf ? { keyType: 0, valueType: 0 } : {};
  return { ...spec, ...types, maxEntries: maxEntries(spec) };
}

function openMap(
  spec: MapSpec,
  btf: FileDescriptor | undefined,
  inner: FileDescriptor | undefined,
): FileDescriptor {
  const hasBtf = btf !== undefined && (spec.keyType !== 0 || spec.valueType !== 0);
  return bpfOpen(
    BpfCommand.MAP_CREATE,
    MAP_CREATE_ATTR,
    {
      map_type: spec.type,
      key_size: spec.keySize,
      value_size: spec.valueSize,
      max_entries: spec.maxEntries,
      map_flags: spec.flags,
      inner_map_fd: inner?.number,
      numa_node: spec.numaNode,
      map_name: kernelName(spec.name),
      btf_fd: hasBtf ? btf.number : 0,
      btf_key_type_id: hasBtf ? spec.keyType : 0,
      btf_value_type_id: hasBtf ? spec.valueType : 0,
      map_extra: spec.mapExtra,
    },
    `create map ${spec.name}`,
    `map ${spec.name}`,
  );
}

/**
 * Asks the kernel for a map; again without BTF if it refuses, for the kernel lets not every type have it.
 *
 * @throws {MapCreateError} if the kernel refuses
 */
export function createMap(spec: MapSpec, btf: ObjectBtf): FileDescriptor {
  const adjusted = adjustedSpec(spec);
  using inner = spec.inner === undefined ? undefined : createMap(spec.inner, btf);
  // Storage of tasks, cgroups, inodes and sockets exists only with BTF.
  const needsBtf = mapTraits(spec.type)?.shape === "storage";
  const [loaded, btfRefusal] = btf instanceof BtfLoadError ? [undefined, btf] : [btf, undefined];
  const attempts = needsBtf || loaded === undefined ? [loaded] : [loaded, undefined];
  let refusal: SyscallError | undefined;
  for (const descriptor of attempts) {
    try {
      return openMap(adjusted, descriptor, inner);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      refusal ??= error;
    }
  }
  throw new MapCreateError(adjusted, refusal!, undefined, needsBtf ? btfRefusal : undefined);
}

/** The specification of the map that holds global data. */
export function dataMapSpec(name: string, size: number, type: number, readOnly: boolean): MapSpec {
  return {
    name,
    type: BpfMapType.ARRAY,
    keySize: 4,
    valueSize: size,
    maxEntries: 1,
    flags: BpfMapFlag.MMAPABLE | (readOnly ? BpfMapFlag.RDONLY_PROG : 0),
    numaNode: 0,
    mapExtra: 0n,
    keyType: 0,
    valueType: type,
    slots: [],
  };
}
