/** Global variables of an object. @module */
import {
  type Btf,
  type BtfInput,
  type BtfValue,
  type DataSpec,
  decodeValue,
  encodeValue,
  ObjectError,
  sizeOfType,
  type VariableSpec,
} from "../../elf/mod.ts";
import type { DataMap } from "./data_map.ts";

/**
 * A global variable.
 *
 * Before the map of its section exists it is read and written in the object; then in the kernel, where constants
 * (`.rodata`) can no longer be written. Only its own bytes are written, while programs go on with the variables
 * beside it. Of a structure or an array all of it is written, also members and elements that the value leaves out:
 * what a program does to those at the same moment may be lost.
 */
export class GlobalVariable {
  /** Its name in the source. */
  readonly name: string;
  readonly #btf: Btf;
  readonly #section: DataSpec;
  readonly #spec: VariableSpec;
  readonly #map: () => DataMap | undefined;

  /**
   * Finds a variable; {@linkcode BpfObject.variable} does that.
   *
   * @param name the variable's name
   * @param btf the object's types
   * @param section where it is
   * @param map gives the section's map if it exists
   * @throws {TypeError} if the object has no type for it
   * @throws {ObjectError} if it is smaller than its type
   */
  constructor(name: string, btf: Btf, section: DataSpec, map: () => DataMap | undefined) {
    this.name = name;
    this.#btf = btf;
    this.#section = section;
    this.#spec = section.variables.get(name)!;
    this.#map = map;
    const { type, size, offset } = this.#spec;
    if (type === 0) {
      throw new TypeError(`Cannot use variable ${name}: the object has no type for it`);
    }
    const needed = sizeOfType(btf, type);
    if (size < needed) {
      throw new ObjectError(
        section.name,
        offset,
        `variable ${name} has ${size} bytes, and its type ${needed}: the compiler has optimised the rest away; ` +
          "declare it volatile",
      );
    }
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const { offset, size } = this.#spec;
    return this.#map()?.read(offset, size) ?? this.#section.content.slice(offset, offset + size);
  }

  /**
   * Its value. A `char[]` is given as a text, which may not be all that it holds ({@linkcode BtfValue}); the bytes are
   * in the map of its section.
   *
   * @throws {Error} if the object has been closed
   */
  get(): BtfValue {
    return decodeValue(this.#btf, this.#spec.type, this.#bytes());
  }

  /**
   * Gives it a value; members and elements that are left out stay as they are.
   *
   * @throws {TypeError} if the value is not of the variable's type
   * @throws {RangeError} if a number does not fit, or a member does not exist
   * @throws {Error} if it is a constant that programs may have seen, or the object has been closed
   */
  set(value: BtfInput): void {
    const map = this.#map();
    if (map !== undefined && this.#section.readOnly) {
      throw new Error(
        `Cannot set variable ${this.name}: it is a constant in ${this.#section.name}, which is in the kernel already; ` +
          "set it before the first program is loaded, or among the constants when the object is opened",
      );
    }
    const bytes = this.#bytes();
    encodeValue(this.#btf, this.#spec.type, bytes, value, `variable ${this.name}`);
    if (map === undefined) this.#section.content.set(bytes, this.#spec.offset);
    else map.write(this.#spec.offset, bytes);
  }
}
