/** BTF as bytes. @module */

const HEADER_WORDS = 6;

/**
 * Puts BTF together.
 *
 * @param start the first word of its header: magic, version and flags
 * @param types its types, in any number of parts
 * @param strings its strings
 */
export function btfBlob(
  start: number,
  types: readonly Uint8Array[],
  strings: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const typesLength = types.reduce((sum, { length }) => sum + length, 0);
  const header = Uint32Array.of(start, HEADER_WORDS * 4, 0, typesLength, typesLength, strings.length);
  const blob = new Uint8Array(new ArrayBuffer(header.byteLength + typesLength + strings.length));
  let at = 0;
  for (const part of [new Uint8Array(header.buffer), ...types, strings]) {
    blob.set(part, at);
    at += part.length;
  }
  return blob;
}
