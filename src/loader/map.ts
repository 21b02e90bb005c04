/** Maps in the kernel. @module */
import type { DataSpec, MapSpec } from "../elf/mod.ts";
import {
  bpf,
  BpfCommand,
  BpfMapFlag,
  BpfMapType,
  bpfOpen,
  checked,
  Errno,
  type FileDescriptor,
  MAP_CREATE_ATTR,
  MAP_ELEM_ATTR,
  MapElement,
  readErrno,
  SyscallError,
} from "../syscall/mod.ts";
import { possibleCpus } from "./cpus.ts";
import { MapCreateError } from "./errors.ts";
import { kernelName } from "./names.ts";

const PER_CPU_TYPES: ReadonlySet<number> = new Set([
  BpfMapType.PERCPU_HASH,
  BpfMapType.PERCPU_ARRAY,
  BpfMapType.LRU_PERCPU_HASH,
  BpfMapType.PERCPU_CGROUP_STORAGE,
]);

/** Asks the kernel for a map. */
function createMap(spec: MapSpec, btf: FileDescriptor): FileDescriptor {
  try {
    return bpfOpen(BpfCommand.MAP_CREATE, MAP_CREATE_ATTR, {
      map_type: spec.type,
      key_size: spec.keySize,
      value_size: spec.valueSize,
      max_entries: spec.maxEntries,
      map_flags: spec.flags,
      map_name: kernelName(spec.name),
      btf_fd: btf.number,
      btf_key_type_id: spec.keyType,
      btf_value_type_id: spec.valueType,
    }, `create map ${spec.name}`);
  } catch (error) {
    throw error instanceof SyscallError ? new MapCreateError(spec.name, error) : error;
  }
}

/** A map that exists in the kernel; closing it frees it unless something else holds it. */
export class BpfMap implements Disposable {
  readonly name: string;
  /** Size of one value in bytes. */
  readonly valueSize: number;
  /** Values that one look-up gives: one, or one for each possible CPU, 8-byte aligned. */
  readonly valuesPerLookup: number;
  readonly #fd: FileDescriptor;
  readonly #keySize: number;
  /** Bytes that one look-up or update moves: of a per-CPU map the values of all CPUs. */
  readonly #transferSize: number;
  #element: MapElement | undefined;

  /**
   * Creates a map.
   *
   * @param spec what to create
   * @param btf the object's BTF in the kernel
   * @throws {MapCreateError} if the kernel refuses
   */
  constructor(spec: MapSpec, btf: FileDescriptor) {
    this.name = spec.name;
    this.valueSize = spec.valueSize;
    const isPerCpu = PER_CPU_TYPES.has(spec.type);
    this.valuesPerLookup = isPerCpu ? possibleCpus() : 1;
    this.#keySize = spec.keySize;
    this.#transferSize = isPerCpu ? Math.ceil(spec.valueSize / 8) * 8 * this.valuesPerLookup : spec.valueSize;
    this.#fd = createMap(spec, btf);
  }

  /** The descriptor. */
  get fd(): FileDescriptor {
    return this.#fd;
  }

  /** The kernel reads as many bytes as the map says, whatever the buffer holds. */
  #checkSize(what: string, bytes: Uint8Array, size: number): void {
    if (bytes.length === size) return;
    throw new RangeError(
      `Cannot use a ${what} of ${bytes.length} bytes in map ${this.name}: it takes ${size}`,
    );
  }

  /**
   * Looks a key up.
   *
   * @param key the key's bytes, of the map's key size
   * @returns the value's bytes, valid until the next look-up; undefined if there is no such key. Of a
   *   per-CPU map: the values of all possible CPUs, each padded to 8 bytes
   * @throws {RangeError} if the key has another size
   * @throws {SyscallError} if the kernel refuses
   */
  lookup(key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    this.#checkSize("key", key, this.#keySize);
    const element = this.#element ??= new MapElement(this.#fd, this.#keySize, this.#transferSize);
    element.key.set(key);
    const result = element.call(BpfCommand.MAP_LOOKUP_ELEM);
    if (result >= 0) return element.value;
    if (readErrno() === Errno.ENOENT) return undefined;
    checked(result, "bpf(BPF_MAP_LOOKUP_ELEM)", () => `look up a key of map ${this.name}`);
  }

  /**
   * Stores a value under a key; of a per-CPU map the values of all possible CPUs, as `lookup` gives them.
   *
   * @throws {RangeError} if the key or the value has another size
   * @throws {SyscallError} if the kernel refuses
   */
  update(key: Uint8Array, value: Uint8Array): void {
    this.#checkSize("key", key, this.#keySize);
    this.#checkSize("value", value, this.#transferSize);
    bpf(
      BpfCommand.MAP_UPDATE_ELEM,
      MAP_ELEM_ATTR,
      { map_fd: this.#fd.number, key, value },
      `update map ${this.name}`,
    );
  }

  /** Makes the map unchangeable from user space, so that the verifier may take its values as constants. */
  freeze(): void {
    bpf(BpfCommand.MAP_FREEZE, MAP_ELEM_ATTR, { map_fd: this.#fd.number }, `freeze map ${this.name}`);
  }

  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The key of a map's only slot. */
export const SLOT_0: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(4));

/** Creates the map that holds a data section, with its initial content. */
export function createDataMap(data: DataSpec, btf: FileDescriptor): BpfMap {
  const map = new BpfMap({
    name: data.name,
    type: BpfMapType.ARRAY,
    keySize: 4,
    valueSize: data.content.length,
    maxEntries: 1,
    flags: data.readOnly ? BpfMapFlag.RDONLY_PROG : 0,
    keyType: 0,
    valueType: data.type,
  }, btf);
  try {
    map.update(SLOT_0, data.content);
    if (data.readOnly) map.freeze();
    return map;
  } catch (error) {
    map.close();
    throw error;
  }
}
