/**
 * Layouts of C structures as data: a field is its offset and its size in bytes, little or big endian
 * as the host is.
 *
 * @module
 */
import { addressOf } from "./memory.ts";

/** Where a field is: byte offset and size. */
export type Field = readonly [offset: number, size: 1 | 2 | 4 | 8 | 16];

/** The fields of a structure by their C names. */
export type Layout = Readonly<Record<string, Field>>;

/** A field's value: an integer, a buffer whose address is stored (8 bytes), or text in a `char[]`. */
export type FieldValue = number | bigint | Uint8Array | string;

/** Values for some fields of a layout; the others stay zero. */
export type FieldValues<L extends Layout> = { readonly [K in keyof L]?: FieldValue | undefined };

/** True on every machine that Deno runs on; kept as a value so that readers of files can compare. */
export const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function writeField(view: DataView, name: string, [offset, size]: Field, value: FieldValue): void {
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    if (text.length >= size) {
      throw new RangeError(`Cannot store "${value}" in ${name}: ${size} bytes with NUL`);
    }
    new Uint8Array(view.buffer).set(text, offset);
  } else if (value instanceof Uint8Array) {
    view.setBigUint64(offset, addressOf(value), HOST_IS_LITTLE_ENDIAN);
  } else if (size === 8) {
    view.setBigInt64(offset, BigInt.asIntN(64, BigInt(value)), HOST_IS_LITTLE_ENDIAN);
  } else if (size === 4) {
    view.setInt32(offset, Number(value), HOST_IS_LITTLE_ENDIAN);
  } else if (size === 2) {
    view.setInt16(offset, Number(value), HOST_IS_LITTLE_ENDIAN);
  } else {
    view.setInt8(offset, Number(value));
  }
}

/**
 * Encodes a structure.
 *
 * @param layout the fields
 * @param values what to store; buffers are stored as their address, and the caller keeps them reachable
 * @returns a zeroed buffer that ends with the last field of the layout, with the values stored
 * @throws {RangeError} if a text does not fit its field
 */
export function encode<L extends Layout>(layout: L, values: FieldValues<L>): Uint8Array<ArrayBuffer> {
  const size = Math.max(...Object.values(layout).map(([offset, size]) => offset + size));
  const bytes = new Uint8Array(new ArrayBuffer(size));
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(values) as [string, FieldValue | undefined][]) {
    if (value !== undefined) writeField(view, name, layout[name]!, value);
  }
  return bytes;
}

/** Reads one unsigned integer field of up to 8 bytes. */
export function readField(bytes: Uint8Array, [offset, size]: Field): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (size) {
    case 1:
      return BigInt(view.getUint8(offset));
    case 2:
      return BigInt(view.getUint16(offset, HOST_IS_LITTLE_ENDIAN));
    case 4:
      return BigInt(view.getUint32(offset, HOST_IS_LITTLE_ENDIAN));
    default:
      return view.getBigUint64(offset, HOST_IS_LITTLE_ENDIAN);
  }
}
