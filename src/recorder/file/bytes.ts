/** Numbers and texts as bytes, little-endian, whole numbers in as few bytes as they need. @module */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Below it, doubling a number and taking one away stays exact. */
const EXACT = 2 ** 51;

/** Bits 0 to 6 of a byte are the number's, bit 7 says that another byte follows. */
const MORE = 0x80;

/** Seven bits in each, for 64 bits. */
const LONGEST_VARINT = 10;

/** Whether all bytes are zero; four at a time, as a file may have a gibibyte of them. */
export function isZero(bytes: Uint8Array): boolean {
  if (bytes.byteOffset % 4 !== 0) return bytes.every((byte) => byte === 0);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
  return bytes.subarray(words.length * 4).every((byte) => byte === 0);
}

/** Puts values one after the other into a buffer; what finds no room is left out, and `hasRoom` is false. */
export class ByteWriter {
  /** Where the next byte goes. */
  position = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  /** @param bytes where they go */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether all that has been put found room. */
  get hasRoom(): boolean {
    return this.position <= this.#bytes.length;
  }

  byte(value: number): void {
    this.#bytes[this.position++] = value;
  }

  u32(value: number): void {
    if (this.position + 4 <= this.#bytes.length) this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  /** A floating-point number, also a whole number of up to 53 bits, in eight bytes. */
  f64(value: number): void {
    if (this.position + 8 <= this.#bytes.length) this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** A whole number from 0 to 2^53 - 1. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= MORE) {
      this.byte(rest % MORE | MORE);
      rest = Math.floor(rest / MORE);
    }
    this.byte(rest);
  }

  /** A signed number of 64 bits: 0, -1, 1, -2 and so on take the place of 0, 1, 2, 3. */
  signed(value: bigint): void {
    const number = Number(value);
    if (number > -EXACT && number < EXACT) {
      this.unsigned(number >= 0 ? number * 2 : number * -2 - 1);
      return;
    }
    let rest = BigInt.asUintN(64, value >= 0n ? value * 2n : value * -2n - 1n);
    while (rest >= 128n) {
      this.byte(Number(rest & 127n) | MORE);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  raw(bytes: Uint8Array): void {
    if (this.position + bytes.length <= this.#bytes.length) this.#bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.unsigned(bytes.length);
    this.raw(bytes);
  }
}

/** Takes values one after the other from a part of a buffer. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #position: number;

  /**
   * @param bytes where they are
   * @param from where the part begins
   * @param to where it ends, exclusively
   */
  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = from;
    this.#end = to;
  }

  /** Another reader of the same part, from where this one is. */
  copy(): ByteReader {
    return new ByteReader(this.#bytes, this.#position, this.#end);
  }

  #take(length: number): number {
    const at = this.#position;
    if (length > this.#end - at) throw new RangeError("Cannot read a record: it ends too early");
    this.#position = at + length;
    return at;
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /**
   * A whole number.
   *
   * @throws {RangeError} if it is above 2^53 - 1
   */
  unsigned(): number {
    let value = 0;
    for (let scale = 1;; scale *= MORE) {
      const byte = this.byte();
      value += byte % MORE * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError("Cannot read a record: a number is too large");
      if (byte < MORE) return value;
    }
  }

  signed(): bigint {
    const first = this.byte();
    if (first === 0) return 0n;
    if (first < MORE) return BigInt(first & 1 ? -(first + 1) / 2 : first / 2);
    let value = BigInt(first & 127);
    for (let shift = 7n; shift < 7n * BigInt(LONGEST_VARINT); shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < MORE) return BigInt.asIntN(64, value & 1n ? -(value + 1n) / 2n : value / 2n);
    }
    throw new RangeError("Cannot read a record: a number is too large");
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /**
   * A text.
   *
   * @throws {TypeError} if it is not UTF-8
   */
  text(): string {
    return decoder.decode(this.raw(this.unsigned()));
  }
}
