/** Maps in the kernel. @module */
import { BpfMapType, type Btf, type BtfValue, decodeValue, encodeValue, type MapSpec } from "../elf/mod.ts";
import {
  bpf,
  BpfCommand,
  bpfReply,
  checked,
  Errno,
  type FileDescriptor,
  isErrno,
  MAP_BATCH_ATTR,
  MAP_ELEM_ATTR,
  MapElement,
  readErrno,
} from "../syscall/mod.ts";
import type { ObjectBtf } from "./btf.ts";
import { possibleCpus } from "./cpus.ts";
import { adjustedSpec, createMap, dataMapSpec } from "./map_create.ts";

const PER_CPU_TYPES: ReadonlySet<number> = new Set([
  BpfMapType.PERCPU_HASH,
  BpfMapType.PERCPU_ARRAY,
  BpfMapType.LRU_PERCPU_HASH,
  BpfMapType.PERCPU_CGROUP_STORAGE,
]);

/** A map that exists in the kernel; closing it frees it unless something else holds it. */
export class BpfMap implements Disposable {
  /** Its name in the object, or that of its section. */
  readonly name: string;
  /** What the object says about it. */
  readonly spec: MapSpec;
  /** Size of one value in bytes. */
  readonly valueSize: number;
  /** Values that one look-up gives: one, or one for each possible CPU, 8-byte aligned. */
  readonly valuesPerLookup: number;
  readonly #fd: FileDescriptor;
  readonly #keySize: number;
  /** Bytes that one look-up or update moves: of a per-CPU map the values of all CPUs. */
  readonly #transferSize: number;
  readonly #types: Btf;
  #element: MapElement | undefined;
  readonly #users = new DisposableStack();

  /**
   * Creates a map.
   *
   * @param spec what to create
   * @param btf the object's BTF in the kernel
   * @param types the object's BTF, to read keys and values by
   * @throws {MapCreateError} if the kernel refuses
   */
  constructor(spec: MapSpec, btf: ObjectBtf, types: Btf) {
    this.name = spec.name;
    this.spec = spec;
    this.#types = types;
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

  /**
   * Removes a key.
   *
   * @returns false if there is no such key
   * @throws {RangeError} if the key has another size
   * @throws {SyscallError} if the kernel refuses
   */
  delete(key: Uint8Array): boolean {
    this.#checkSize("key", key, this.#keySize);
    try {
      const values = { map_fd: this.#fd.number, key };
      bpf(BpfCommand.MAP_DELETE_ELEM, MAP_ELEM_ATTR, values, `delete a key of map ${this.name}`);
      return true;
    } catch (error) {
      if (isErrno(error, Errno.ENOENT)) return false;
      throw error;
    }
  }

  /**
   * The keys, one call of the kernel each. Keys that are added or removed meanwhile may be missed or seen twice.
   *
   * @throws {SyscallError} if the kernel refuses, as it does for maps without keys
   */
  *keys(): Generator<Uint8Array<ArrayBuffer>> {
    let key: Uint8Array<ArrayBuffer> | undefined;
    while (true) {
      const next = new Uint8Array(new ArrayBuffer(this.#keySize));
      const { errno } = bpfReply(
        BpfCommand.MAP_GET_NEXT_KEY,
        MAP_ELEM_ATTR,
        { map_fd: this.#fd.number, key, value: next },
        `list the keys of map ${this.name}`,
        [Errno.ENOENT],
      );
      if (errno !== 0) return;
      yield key = next;
    }
  }

  /**
   * All keys and values, as many as possible with each call of the kernel (`BPF_MAP_LOOKUP_BATCH`, 5.6).
   *
   * @returns keys and values, the latter as `lookup` gives them
   * @throws {SyscallError} if the kernel refuses, as it does for types without batches
   */
  *batch(): Generator<[key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>]> {
    // A bucket of a hash has to fit: with ENOSPC the next attempt takes more.
    let room = 64;
    let position: Uint8Array<ArrayBuffer> | undefined;
    while (true) {
      const next = new Uint8Array(new ArrayBuffer(Math.max(this.#keySize, 4)));
      const keys = new Uint8Array(new ArrayBuffer(room * this.#keySize));
      const values = new Uint8Array(new ArrayBuffer(room * this.#transferSize));
      const { attr, errno } = bpfReply(
        BpfCommand.MAP_LOOKUP_BATCH,
        MAP_BATCH_ATTR,
        {
          in_batch: position,
          out_batch: next,
          keys,
          values,
          count: room,
          map_fd: this.#fd.number,
        },
        `look up all keys of map ${this.name}`,
        [Errno.ENOENT, Errno.ENOSPC],
      );
      if (errno === Errno.ENOSPC) {
        room *= 2;
        continue;
      }
      const count = attr.getUint32(MAP_BATCH_ATTR.count[0], true);
      for (let at = 0; at < count; at++) {
        yield [
          keys.slice(at * this.#keySize, (at + 1) * this.#keySize),
          values.slice(at * this.#transferSize, (at + 1) * this.#transferSize),
        ];
      }
      if (errno === Errno.ENOENT) return;
      position = next;
    }
  }

  #type(what: "key" | "value"): number {
    const type = what === "key" ? this.spec.keyType : this.spec.valueType;
    if (type === 0) {
      throw new TypeError(`Cannot use map ${this.name} by types: its ${what} has none in the object`);
    }
    return type;
  }

  #encodeKey(key: BtfValue): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(this.#keySize));
    encodeValue(this.#types, this.#type("key"), bytes, key);
    return bytes;
  }

  #decode(value: Uint8Array): BtfValue {
    const type = this.#type("value");
    if (this.valuesPerLookup === 1) return decodeValue(this.#types, type, value);
    const stride = this.#transferSize / this.valuesPerLookup;
    return Array.from(
      { length: this.valuesPerLookup },
      (_, cpu) => decodeValue(this.#types, type, value.subarray(cpu * stride)),
    );
  }

  /**
   * The value of a key, both by their types; of a per-CPU map the values of all possible CPUs.
   *
   * @returns the value, or undefined if there is no such key
   * @throws {TypeError} if the key is not of the map's type, or the object has no types for it
   * @throws {SyscallError} if the kernel refuses
   */
  get(key: BtfValue): BtfValue | undefined {
    const value = this.lookup(this.#encodeKey(key));
    return value === undefined ? undefined : this.#decode(value);
  }

  /**
   * Stores a value under a key, both by their types; of a per-CPU map the values of all possible CPUs. Members
   * that the value leaves out become zero.
   *
   * @throws {TypeError} if key or value are not of the map's types, or the object has no types for them
   * @throws {SyscallError} if the kernel refuses
   */
  set(key: BtfValue, value: BtfValue): void {
    const bytes = new Uint8Array(new ArrayBuffer(this.#transferSize));
    const stride = this.#transferSize / this.valuesPerLookup;
    const values = this.valuesPerLookup === 1 ? [value] : value;
    if (!Array.isArray(values) || values.length !== this.valuesPerLookup) {
      throw new TypeError(
        `Cannot update map ${this.name}: it takes ${this.valuesPerLookup} values, one for each CPU`,
      );
    }
    const type = this.#type("value");
    values.forEach((item, cpu) => encodeValue(this.#types, type, bytes.subarray(cpu * stride), item));
    this.update(this.#encodeKey(key), bytes);
  }

  /**
   * All keys and values by their types; see {@linkcode keys} about changes meanwhile.
   *
   * @throws {TypeError} if the object has no types for them
   * @throws {SyscallError} if the kernel refuses
   */
  *entries(): Generator<[key: BtfValue, value: BtfValue]> {
    const type = this.#type("key");
    for (const key of this.keys()) {
      const value = this.lookup(key);
      if (value !== undefined) yield [decodeValue(this.#types, type, key), this.#decode(value)];
    }
  }

  /** Makes the map unchangeable from user space, so that the verifier may take its values as constants. */
  freeze(): void {
    bpf(BpfCommand.MAP_FREEZE, MAP_ELEM_ATTR, { map_fd: this.#fd.number }, `freeze map ${this.name}`);
  }

  /** Has something closed together with the map, such as a reader of its content. */
  closeWith(user: Disposable): void {
    this.#users.use(user);
  }

  /** Closes the descriptor; the kernel frees the map unless a program uses it. */
  close(): void {
    this.#users.dispose();
    this.#fd.close();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The key of a map's only slot. */
export const SLOT_0: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(4));

/** The key of a slot of an array. */
export function slotKey(index: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.of(index).buffer);
}

/** What two maps must have in common for one to stand for the other, by the names in a definition in C. */
const SHAPE = {
  type: "type",
  key_size: "keySize",
  value_size: "valueSize",
  max_entries: "maxEntries",
  map_flags: "flags",
} as const;

/**
 * Checks that a map can stand for another one.
 *
 * @param spec the one that an object defines
 * @param map the one that it gets
 * @throws {TypeError} if they differ in type, sizes, number of entries or flags
 */
export function checkAlike(spec: MapSpec, map: BpfMap): void {
  const [defined, given] = [adjustedSpec(spec), adjustedSpec(map.spec)];
  const differences = Object.entries(SHAPE).filter(([, key]) => defined[key] !== given[key])
    .map(([name, key]) => `its ${name} is ${given[key]}, not ${defined[key]}`);
  if (differences.length === 0) return;
  throw new TypeError(`Cannot use map ${map.name} as ${spec.name}: ${differences.join(", ")}`);
}

/** What a map of global data holds. */
export interface DataMapContent {
  /** Name of its section. */
  readonly name: string;
  /** Whether programs and user space only read it. */
  readonly readOnly: boolean;
  /** What it holds at first. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Id of the DATASEC type, 0 if there is none. */
  readonly type: number;
}

/** Creates the map that holds global data, with its initial content. */
export function createDataMap(data: DataMapContent, btf: ObjectBtf, types: Btf): BpfMap {
  const map = new BpfMap(dataMapSpec(data.name, data.content.length, data.type, data.readOnly), btf, types);
  try {
    map.update(SLOT_0, data.content);
    if (data.readOnly) map.freeze();
    return map;
  } catch (error) {
    map.close();
    throw error;
  }
}
