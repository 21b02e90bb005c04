/**
 * Records of a ring buffer, as `kernel/bpf/ringbuf.c` lays them out: a word with the length and two bits, another
 * word that is the kernel's own, then the data, up to a multiple of 8 bytes.
 *
 * @module
 */
import { BpfRingBuffer } from "../../syscall/mod.ts";

const { BUSY_BIT, DISCARD_BIT, HDR_SZ } = BpfRingBuffer;

const ALIGNMENT = 8;

/** What stands before a record's data. */
export interface RecordHeader {
  /** Whether a program is still writing it. */
  readonly isBusy: boolean;
  /** Whether the program has thrown it away. */
  readonly isDiscarded: boolean;
  /** Length of the data. */
  readonly length: number;
  /** How many bytes the record takes, header included. */
  readonly span: number;
}

/** Reads the header of the record at an offset. */
export function recordHeader(bytes: Uint8Array, offset: number): RecordHeader {
  // A DataView for each header would cost more than all the rest; every machine is little-endian here.
  const word =
    (bytes[offset]! | bytes[offset + 1]! << 8 | bytes[offset + 2]! << 16 | bytes[offset + 3]! << 24) >>> 0;
  const length = word % DISCARD_BIT;
  return {
    isBusy: word >= BUSY_BIT,
    isDiscarded: (word & DISCARD_BIT) !== 0,
    length,
    span: Math.ceil((HDR_SZ + length) / ALIGNMENT) * ALIGNMENT,
  };
}

/** The data of the record at an offset. */
export function recordData(bytes: Uint8Array<ArrayBuffer>, offset: number): Uint8Array<ArrayBuffer> {
  const start = offset + HDR_SZ;
  return bytes.subarray(start, start + recordHeader(bytes, offset).length);
}

/**
 * How many bytes are records that are complete: those before the first one that a program is still writing, or that is
 * not wholly there.
 *
 * @param bytes a piece of a ring buffer that begins with a record
 */
export function completeLength(bytes: Uint8Array): number {
  let end = 0;
  while (end + HDR_SZ <= bytes.length) {
    const { isBusy, span } = recordHeader(bytes, end);
    if (isBusy || end + span > bytes.length) break;
    end += span;
  }
  return end;
}
