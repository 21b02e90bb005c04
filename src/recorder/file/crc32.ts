/** The checksum of a recorder file's records. @module */

/** The polynomial of IEEE 802.3, its bits from right to left. */
const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let bits = byte;
  for (let step = 0; step < 8; step++) bits = bits & 1 ? POLYNOMIAL ^ bits >>> 1 : bits >>> 1;
  return bits;
});

/**
 * CRC-32 as in Ethernet, gzip and PNG.
 *
 * @param bytes over what
 * @param from where it begins
 * @param to where it ends, exclusively
 * @param before the checksum of what comes before; that of both together is the result
 * @returns 32 bits
 */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, before = 0): number {
  let bits = ~before;
  for (let index = from; index < to; index++) bits = TABLE[(bits ^ bytes[index]!) & 0xff]! ^ bits >>> 8;
  return ~bits >>> 0;
}
