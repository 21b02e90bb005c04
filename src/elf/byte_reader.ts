/** Bounds-checked reading of little-endian bytes. @module */
import { ObjectError } from "./object_error.ts";

const decoder = new TextDecoder();

/** Longest name with NUL: KSYM_NAME_LEN of Linux 6.1 and later, the limit of names in BTF. */
const MAX_NAME = 512;

/** Reads integers and strings of one section; whatever lies outside is an {@linkcode ObjectError}. */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #section: string;
  #ascii: string | undefined;

  /**
   * Reads nothing yet.
   *
   * @param bytes the section's bytes
   * @param section its name, for errors
   */
  constructor(bytes: Uint8Array, section: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#section = section;
  }

  /** Number of bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** An error about this section. */
  error(offset: number, reason: string): ObjectError {
    return new ObjectError(this.#section, offset, reason);
  }

  #check(offset: number, size: number): void {
    if (offset < 0 || offset + size > this.#bytes.length) {
      throw this.error(offset, `${size} bytes are needed, ${this.#bytes.length} are there in all`);
    }
  }

  /** An unsigned integer of 8 bits. */
  readU8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getUint8(offset);
  }

  /** An unsigned integer of 16 bits. */
  readU16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }

  /** An unsigned integer of 32 bits. */
  readU32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }

  /** A signed integer of 32 bits. */
  readI32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getInt32(offset, true);
  }

  /** A 64-bit integer that has to be a valid size or offset in a file. */
  readSize(offset: number): number {
    this.#check(offset, 8);
    const value = this.#view.getUint32(offset, true) + this.#view.getUint32(offset + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw this.error(offset, "a 64-bit number is out of range");
    return value;
  }

  /** The bytes from `offset` on, shared with the section. */
  slice(offset: number, length: number): Uint8Array {
    this.#check(offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  /** All bytes as text of the same length; empty if they are not ASCII. One call of the decoder takes as long as ten names. */
  #asciiText(): string {
    if (this.#ascii === undefined) {
      const text = decoder.decode(this.#bytes);
      // What is not ASCII is fewer characters than bytes, or not valid.
      this.#ascii = text.length === this.#bytes.length && !text.includes("\ufffd") ? text : "";
    }
    return this.#ascii;
  }

  #decode(start: number, end: number): string {
    if (start === end) return "";
    return this.#asciiText().slice(start, end) || decoder.decode(this.#bytes.subarray(start, end));
  }

  /** The beginning of the NUL-terminated text at `offset`, which may be longer than a name. */
  readText(offset: number): string {
    this.#check(offset, 1);
    const bytes = this.#bytes.subarray(offset, offset + MAX_NAME);
    const end = bytes.indexOf(0);
    return this.#decode(offset, offset + (end < 0 ? bytes.length : end));
  }

  /** Where the name at `offset` ends; an error if it does not. */
  nameEnd(offset: number): number {
    this.#check(offset, 1);
    // Many records may name one string: without a limit the work is their number times its length.
    const bytes = this.#bytes.subarray(offset, offset + MAX_NAME);
    const length = bytes.indexOf(0);
    if (length < 0) throw this.error(offset, `no name ends within ${bytes.length} bytes`);
    return offset + length;
  }

  /** The NUL-terminated name at `offset`. */
  readString(offset: number): string {
    return this.#decode(offset, this.nameEnd(offset));
  }
}
