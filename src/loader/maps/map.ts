/** Maps in the kernel. @module */
import type { Btf, BtfInput, BtfValue, MapSpec } from "../../elf/mod.ts";
import {
  bpf,
  BpfCommand,
  bpfReply,
  Errno,
  type FileDescriptor,
  isErrno,
  MAP_BATCH_ATTR,
  MAP_ELEM_ATTR,
  MapElement,
  readErrno,
  SyscallError,
} from "../../syscall/mod.ts";
import type { ObjectBtf } from "../btf/object_btf.ts";
import { possibleCpus } from "../kernel/cpus.ts";
import { adjustedSpec, createMap } from "./create.ts";
import { explained } from "./hints.ts";
import { MapValues } from "./values.ts";

/** The key of a map without keys. */
const NO_KEY = new Uint8Array(0);

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
  readonly #values: MapValues;
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
    this.valueSize = spec.valueSize;
    this.#values = new MapValues(spec, types, possibleCpus);
    this.valuesPerLookup = this.#values.count;
    this.#keySize = spec.keySize;
    this.#fd = createMap(spec, btf);
  }

  /** Whether it has been closed; from then on whatever uses it throws. */
  get isClosed(): boolean {
    return this.#fd.isClosed;
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

  /** Calls the kernel; what it refuses is explained by what is known of the map. */
  #explain<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw error instanceof SyscallError ? explained(this.spec, error) : error;
    }
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
    return this.#find(key, BpfCommand.MAP_LOOKUP_ELEM, "bpf(BPF_MAP_LOOKUP_ELEM)", "look up a key");
  }

  /**
   * Takes the next value out of a queue or a stack.
   *
   * @returns the value's bytes, valid until the next call; undefined if there is none
   * @throws {SyscallError} if the kernel refuses
   */
  pop(): Uint8Array<ArrayBuffer> | undefined {
    const { MAP_LOOKUP_AND_DELETE_ELEM } = BpfCommand;
    return this.#find(
      NO_KEY,
      MAP_LOOKUP_AND_DELETE_ELEM,
      "bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM)",
      "take a value",
    );
  }

  #find(
    key: Uint8Array,
    command: number,
    syscall: string,
    action: string,
  ): Uint8Array<ArrayBuffer> | undefined {
    const element = this.#element ??= new MapElement(this.#fd, this.#keySize, this.#values.size);
    element.key.set(key);
    const result = element.call(command);
    if (result >= 0) return element.value;
    const errno = readErrno();
    if (errno === Errno.ENOENT) return undefined;
    throw explained(this.spec, new SyscallError(`${action} of map ${this.name}`, syscall, errno));
  }

  /**
   * Stores a value under a key; of a per-CPU map the values of all possible CPUs, as `lookup` gives them.
   *
   * @throws {RangeError} if the key or the value has another size
   * @throws {SyscallError} if the kernel refuses
   */
  update(key: Uint8Array, value: Uint8Array): void {
    this.#checkSize("key", key, this.#keySize);
    this.#checkSize("value", value, this.#values.size);
    const values = { map_fd: this.#fd.number, key, value };
    this.#explain(() => bpf(BpfCommand.MAP_UPDATE_ELEM, MAP_ELEM_ATTR, values, `update map ${this.name}`));
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
      const action = `delete a key of map ${this.name}`;
      this.#explain(() => bpf(BpfCommand.MAP_DELETE_ELEM, MAP_ELEM_ATTR, values, action));
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
      const values = { map_fd: this.#fd.number, key, value: next };
      const action = `list the keys of map ${this.name}`;
      const { errno } = this.#explain(() =>
        bpfReply(BpfCommand.MAP_GET_NEXT_KEY, MAP_ELEM_ATTR, values, action, [Errno.ENOENT])
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
      const values = new Uint8Array(new ArrayBuffer(room * this.#values.size));
      const batch = {
        in_batch: position,
        out_batch: next,
        keys,
        values,
        count: room,
        map_fd: this.#fd.number,
      };
      const action = `look up all keys of map ${this.name}`;
      const { attr, errno } = this.#explain(() =>
        bpfReply(BpfCommand.MAP_LOOKUP_BATCH, MAP_BATCH_ATTR, batch, action, [Errno.ENOENT, Errno.ENOSPC])
      );
      if (errno === Errno.ENOSPC) {
        room *= 2;
        continue;
      }
      const count = attr.getUint32(MAP_BATCH_ATTR.count[0], true);
      for (let at = 0; at < count; at++) {
        yield [
          keys.slice(at * this.#keySize, (at + 1) * this.#keySize),
          values.slice(at * this.#values.size, (at + 1) * this.#values.size),
        ];
      }
      if (errno === Errno.ENOENT) return;
      position = next;
    }
  }

  /**
   * The value of a key, both by their types; of a per-CPU map the values of all possible CPUs.
   *
   * A `char[]` is given as a text, which may not be all that it holds ({@linkcode BtfValue}): {@linkcode lookup} gives
   * the bytes, and for a key a `Uint8Array` is taken for each `char[]` in it.
   *
   * @returns the value, or undefined if there is no such key
   * @throws {TypeError} if the key is not of the map's type, or the object has no types for it
   * @throws {RangeError} if a number in the key does not fit
   * @throws {SyscallError} if the kernel refuses
   */
  get(key: BtfInput): BtfValue | undefined {
    const value = this.lookup(this.#values.encodeKey(key));
    return value === undefined ? undefined : this.#values.decode(value);
  }

  /**
   * Stores a value under a key, both by their types; of a per-CPU map the values of all possible CPUs. Members
   * that the value leaves out become zero.
   *
   * @throws {TypeError} if key or value are not of the map's types, or the object has no types for them
   * @throws {RangeError} if a number in them does not fit, or a member does not exist
   * @throws {SyscallError} if the kernel refuses
   */
  set(key: BtfInput, value: BtfInput): void {
    this.update(this.#values.encodeKey(key), this.#values.encode(value));
  }

  /**
   * All keys and values by their types; see {@linkcode keys} about changes meanwhile.
   *
   * A key with a `char[]` that holds more than its text ({@linkcode BtfValue}) does not find its value again:
   * {@linkcode keys} and {@linkcode batch} give the bytes, {@linkcode lookup} and {@linkcode delete} take them.
   *
   * @throws {TypeError} if the object has no types for them
   * @throws {SyscallError} if the kernel refuses
   */
  *entries(): Generator<[key: BtfValue, value: BtfValue]> {
    for (const key of this.keys()) {
      const value = this.lookup(key);
      if (value !== undefined) yield [this.#values.decodeKey(key), this.#values.decode(value)];
    }
  }

  /** Makes the map unchangeable from user space, so that the verifier may take its values as constants. */
  freeze(): void {
    const values = { map_fd: this.#fd.number };
    this.#explain(() => bpf(BpfCommand.MAP_FREEZE, MAP_ELEM_ATTR, values, `freeze map ${this.name}`));
  }

  /** Has something closed together with the map, such as a reader of its content. */
  closeWith(user: Disposable): void {
    this.#users.use(user);
  }

  /** Closes the map for good; the kernel frees it unless a program uses it. */
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
