/** Keys and values of a map by their types. Pure. @module */
import {
  type Btf,
  type BtfInput,
  type BtfValue,
  decodeValue,
  encodeValue,
  type MapSpec,
  mapTraits,
} from "../../elf/mod.ts";

/** The kernel rounds each CPU's value up to this (`bpf_map_value_size()`, `kernel/bpf/syscall.c`). */
const PER_CPU_ALIGNMENT = 8;

/** How the keys and values of a map lie in memory; those of a per-CPU map are one value for each CPU. */
export class MapValues {
  /** Values that one look-up gives: one, or one for each possible CPU. */
  readonly count: number;
  /** Bytes that one look-up or update moves. */
  readonly size: number;
  readonly #spec: MapSpec;
  readonly #types: Btf;
  /** A machine with one CPU has per-CPU maps, too. */
  readonly #isPerCpu: boolean;

  /**
   * @param spec the map
   * @param types the object's types
   * @param cpus gives the number of possible CPUs
   */
  constructor(spec: MapSpec, types: Btf, cpus: () => number) {
    this.#spec = spec;
    this.#types = types;
    this.#isPerCpu = mapTraits(spec.type)?.isPerCpu ?? false;
    this.count = this.#isPerCpu ? cpus() : 1;
    const aligned = Math.ceil(spec.valueSize / PER_CPU_ALIGNMENT) * PER_CPU_ALIGNMENT;
    this.size = this.#isPerCpu ? aligned * this.count : spec.valueSize;
  }

  #type(what: "key" | "value"): number {
    const type = what === "key" ? this.#spec.keyType : this.#spec.valueType;
    if (type === 0) {
      throw new TypeError(`Cannot use map ${this.#spec.name} by types: its ${what} has none in the object`);
    }
    return type;
  }

  /**
   * A key's bytes.
   *
   * @throws {TypeError} if the key is not of the map's type, or the object has no type for it
   * @throws {RangeError} if a number in it does not fit
   */
  encodeKey(key: BtfInput): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(this.#spec.keySize));
    encodeValue(this.#types, this.#type("key"), bytes, key, `the key of map ${this.#spec.name}`);
    return bytes;
  }

  /** The key that bytes are. */
  decodeKey(bytes: Uint8Array): BtfValue {
    return decodeValue(this.#types, this.#type("key"), bytes);
  }

  /**
   * The bytes of a value, or of the values of all CPUs; what it leaves out is zero.
   *
   * @throws {TypeError} if it is not of the map's type, or the object has no type for it
   * @throws {RangeError} if a number in it does not fit
   */
  encode(value: BtfInput): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(this.size));
    const values = this.#isPerCpu ? value : [value];
    if (!Array.isArray(values) || values.length !== this.count) {
      throw new TypeError(
        `Cannot update map ${this.#spec.name}: it takes an array with one value for each possible CPU, ` +
          `of which there are ${this.count}`,
      );
    }
    const type = this.#type("value");
    const stride = this.size / this.count;
    for (const [cpu, item] of values.entries()) {
      const what = this.#isPerCpu ? `the value of CPU ${cpu}` : "the value";
      const name = `${what} of map ${this.#spec.name}`;
      encodeValue(this.#types, type, bytes.subarray(cpu * stride), item, name);
    }
    return bytes;
  }

  /** The value, or the values of all CPUs, that bytes are. */
  decode(bytes: Uint8Array): BtfValue {
    const type = this.#type("value");
    if (!this.#isPerCpu) return decodeValue(this.#types, type, bytes);
    const stride = this.size / this.count;
    return Array.from(
      { length: this.count },
      (_, cpu) => decodeValue(this.#types, type, bytes.subarray(cpu * stride)),
    );
  }
}
