/** The prefix that a target's comm starts with. @module */

/** Most bytes a comm holds: `TASK_COMM_LEN` in `include/linux/sched.h` is 16 with the final NUL. */
const COMM_MAX_BYTES = 15;

/**
 * Encodes a comm prefix as the bytes that the kernel compares.
 *
 * @throws {RangeError} if it is empty, longer than a comm can be, or holds NUL, so that nothing could match
 */
export function encodeCommPrefix(prefix: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(prefix);
  if (bytes.length < 1 || bytes.length > COMM_MAX_BYTES) {
    throw new RangeError(
      `Cannot match comm prefix ${
        JSON.stringify(prefix)
      }: it has ${bytes.length} bytes, use 1 to ${COMM_MAX_BYTES}`,
    );
  }
  if (bytes.includes(0)) {
    throw new RangeError(
      `Cannot match comm prefix ${JSON.stringify(prefix)}: it holds NUL, which ends a comm`,
    );
  }
  return bytes;
}

/** `TASK_COMM_LEN` of `include/linux/sched.h`. */
const COMM_LENGTH = 16;

/** A comm, or what starts one, as the two words that programs compare: padded with zeros, little-endian. */
export function commWords(bytes: Uint8Array): readonly [bigint, bigint] {
  const padded = new Uint8Array(COMM_LENGTH);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return [view.getBigUint64(0, true), view.getBigUint64(8, true)];
}
