/** Addresses of buffers and C strings, without `Deno.UnsafePointer`. @module */
import { libc } from "./libc.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The address of a buffer's first byte, for a pointer field inside another buffer.
 *
 * Touching `.buffer` first moves a small view off V8's moving heap (views of up to 64 bytes may live
 * there); after that the address holds for as long as the caller keeps the buffer reachable.
 */
export function addressOf(view: Uint8Array<ArrayBufferLike>): bigint {
  void view.buffer;
  return libc().address_of(view as Uint8Array<ArrayBuffer>, view as Uint8Array<ArrayBuffer>, 0n);
}

/** A new buffer that FFI can take the address of, with `text` as a NUL-terminated UTF-8 string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: it contains NUL`);
  const encoded = encoder.encode(text);
  const bytes = new Uint8Array(new ArrayBuffer(encoded.length + 1));
  bytes.set(encoded);
  return bytes;
}

/** The text before the first NUL, or all of it; invalid UTF-8 becomes U+FFFD. */
export function textBeforeNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

const pinned: unknown[] = [];

/**
 * Runs `call` while `values` stay reachable: the buffers whose addresses another buffer holds.
 *
 * The engine may otherwise free a buffer after its last use in the source, which is before the call.
 */
export function whilePinned<T>(values: unknown, call: () => T): T {
  pinned.push(values);
  try {
    return call();
  } finally {
    pinned.pop();
  }
}
