/**
 * How a recorder file is laid out.
 *
 * A page of its own at the beginning says what the file is; segments of one size follow. A segment has all that is
 * needed to read it, so that the oldest can be overwritten: a head with its sequence number, then records. Each has
 * its length, a checksum over everything from the segment's head to its own end, and a kind. A record that was
 * moved, repeated or left over from an older segment has the wrong checksum at its place, and nothing behind it
 * counts. Readers skip kinds that they do not know, and what follows the fields that they know: another version
 * that only adds keeps `FORMAT_VERSION`.
 *
 * | record   | fields                                                                                   |
 * | -------- | ---------------------------------------------------------------------------------------- |
 * | session  | number of the agent's run, boot id (16 bytes); the first of each segment, and where the next agent goes on |
 * | life     | JSON: run, boot id, and what `Life` has, on the monotonic clock of that boot             |
 * | family   | name, type, unit, help; numbered from 0 in this segment                                  |
 * | series   | family, part, labels, upper bound; numbered from 0 in this segment                       |
 * | history  | number in the run, source, its life plus 1 or 0; numbered from 0 in this segment         |
 * | row      | history, wall clock, monotonic clock, series if they changed, differences to the row before |
 * | closed   | number of a history in the run, its life plus 1 or 0                                     |
 * | belongs  | number of a history in the run, its life plus 1                                          |
 *
 * @module
 */
import type { MetricFamily, SeriesPart } from "../../metrics/mod.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

/** Versions that differ in this cannot read each other's segments. */
export const FORMAT_VERSION = 1;

/** The size of the page at the beginning, in bytes. */
export const PAGE_BYTES = 4096;

/** The size of a segment, in bytes: the memory that the newest one takes, and the least that is overwritten. */
export const SEGMENT_BYTES = 256 * 1024;

/** Fewer could not keep a history while the oldest segment is overwritten. */
export const FEWEST_SEGMENTS = 4;

/** A gibibyte: to read more would keep an agent from its start for too long. */
export const MOST_SEGMENTS = 4096;

/** What a record is; numbers are never used for something else. */
export const RecordKind = {
  session: 1,
  life: 2,
  family: 3,
  series: 4,
  history: 5,
  row: 6,
  closed: 7,
  belongs: 8,
} as const;

/** In the order of their numbers in a file, which stays. */
export const TYPES: readonly MetricFamily["type"][] = ["counter", "gauge", "histogram"];
/** In the order of their numbers in a file, which stays. */
export const UNITS: readonly MetricFamily["unit"][] = ["1", "ns"];
/** In the order of their numbers in a file, which stays. */
export const PARTS: readonly SeriesPart[] = ["value", "bucket", "sum"];

/** Whether two families are described alike: the next version of the agent may describe one differently. */
export function isSameFamily(a: MetricFamily, b: MetricFamily): boolean {
  return a.name === b.name && a.type === b.type && a.unit === b.unit && a.help === b.help;
}

/** The length of a boot id, in bytes. */
export const BOOT_ID_BYTES = 16;

/** Length and checksum before each record. */
export const RECORD_HEAD_BYTES = 8;

/** The place of a record that does not follow: a length of zero. */
export const END_BYTES = 4;

const encoder = new TextEncoder();
const PAGE_MAGIC = encoder.encode("ktm recorder\r\n\x1a\0");
const SEGMENT_MAGIC = encoder.encode(`KTMSEG${String(FORMAT_VERSION).padStart(2, "0")}`);

/** Any other order of bytes gives another number. */
const BYTE_ORDER = 0x01020304;

/** Magic, sequence number and checksum. */
export const SEGMENT_HEAD_BYTES = SEGMENT_MAGIC.length + 8 + 4;

/** Where a segment begins. */
export function segmentOffset(slot: number): number {
  return PAGE_BYTES + slot * SEGMENT_BYTES;
}

/** How long a file of some segments is, in bytes. */
export function fileBytes(segments: number): number {
  return segmentOffset(segments);
}

/** How many segments fit into a size: not fewer than are needed, nor more than are read at a start. */
export function segmentsIn(bytes: number): number {
  const fitting = Math.floor((bytes - PAGE_BYTES) / SEGMENT_BYTES);
  return Math.min(MOST_SEGMENTS, Math.max(FEWEST_SEGMENTS, fitting));
}

/** How many segments a file of some size may have; the last one may end too early. */
export function storedSegments(size: number): number {
  return Math.min(MOST_SEGMENTS, Math.max(0, Math.ceil((size - PAGE_BYTES) / SEGMENT_BYTES)));
}

/** The page at the beginning of a file. */
export function pageOf(version = FORMAT_VERSION): Uint8Array<ArrayBuffer> {
  const page = new Uint8Array(PAGE_BYTES);
  const writer = new ByteWriter(page);
  writer.raw(PAGE_MAGIC);
  writer.u32(version);
  writer.u32(BYTE_ORDER);
  writer.u32(SEGMENT_BYTES);
  writer.u32(crc32(page, 0, writer.position));
  return page;
}

/** What the page at the beginning says: of which version the file is, or what else it is. */
export function readPage(page: Uint8Array): { readonly isOurs: boolean; readonly version?: number } {
  const isOurs = PAGE_MAGIC.every((byte, index) => page[index] === byte);
  const end = PAGE_MAGIC.length + 12;
  if (!isOurs || page.length < end + 4) return { isOurs };
  const version = new ByteReader(page, PAGE_MAGIC.length).u32();
  const isWhole = crc32(page, 0, end) === new ByteReader(page, end).u32();
  return isWhole ? { isOurs, version } : { isOurs };
}

/**
 * Puts the head of a segment at the beginning of a buffer.
 *
 * @returns the checksum with which the first record goes on
 */
export function writeSegmentHead(bytes: Uint8Array<ArrayBuffer>, sequence: number): number {
  const writer = new ByteWriter(bytes);
  writer.raw(SEGMENT_MAGIC);
  writer.f64(sequence);
  const checksum = crc32(bytes, 0, writer.position);
  writer.u32(checksum);
  return checksum;
}

/** The head of a segment, undefined if there is none that is whole. */
export function readSegmentHead(
  bytes: Uint8Array,
): { readonly sequence: number; readonly checksum: number } | undefined {
  if (bytes.length < SEGMENT_HEAD_BYTES) return undefined;
  if (!SEGMENT_MAGIC.every((byte, index) => bytes[index] === byte)) return undefined;
  const reader = new ByteReader(bytes, SEGMENT_MAGIC.length);
  const sequence = reader.f64();
  const checksum = reader.u32();
  const isWhole = crc32(bytes, 0, SEGMENT_HEAD_BYTES - 4) === checksum && Number.isSafeInteger(sequence);
  return isWhole ? { sequence, checksum } : undefined;
}
