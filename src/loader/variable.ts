/** Global variables of an object. @module */
import {
  type Btf,
  type BtfValue,
  type DataSpec,
  decodeValue,
  encodeValue,
  type VariableSpec,
} from "../elf/mod.ts";
import { type BpfMap, SLOT_0 } from "./map.ts";

/**
 * A global variable.
 *
 * Before the map of its section exists it is read and written in the object; then in the kernel, where constants
 * (`.rodata`) can no longer be written. A write of one variable rewrites its whole section, so programs
 * that write other variables of that section at the same moment may lose an update: stop them first, or keep
 * what programs write in a section of its own (`.data.mine`).
 */
export class GlobalVariable {
  /** Its name in the source. */
  readonly name: string;
  readonly #btf: Btf;
  readonly #section: DataSpec;
  readonly #spec: VariableSpec;
  readonly #map: () => BpfMap | undefined;

  /**
   * Finds a variable; {@linkcode BpfObject.variable} does that.
   *
   * @param name the variable's name
   * @param btf the object's types
   * @param section where it is
   * @param map gives the section's map if it exists
   */
  constructor(name: string, btf: Btf, section: DataSpec, map: () => BpfMap | undefined) {
    this.name = name;
    this.#btf = btf;
    this.#section = section;
    this.#spec = section.variables.get(name)!;
    this.#map = map;
    if (this.#spec.type === 0) {
      throw new TypeError(`Cannot use variable ${name}: the object has no type for it`);
    }
  }

  #bytes(content: Uint8Array): Uint8Array {
    return content.subarray(this.#spec.offset, this.#spec.offset + this.#spec.size);
  }

  #content(): Uint8Array<ArrayBuffer> {
    return this.#map()?.lookup(SLOT_0) ?? this.#section.content;
  }

  /** Its value. */
  get(): BtfValue {
    return decodeValue(this.#btf, this.#spec.type, this.#bytes(this.#content()));
  }

  /**
   * Gives it a value; members and elements that are left out stay as they are.
   *
   * @throws {TypeError} if the value is not of the variable's type
   * @throws {RangeError} if a number does not fit
   * @throws {SyscallError} if it is a constant that programs may have seen
   */
  set(value: BtfValue): void {
    const content = this.#content().slice();
    encodeValue(this.#btf, this.#spec.type, this.#bytes(content), value);
    const map = this.#map();
    if (map === undefined) this.#section.content.set(content);
    else map.update(SLOT_0, content);
  }
}
