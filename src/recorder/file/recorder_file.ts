/**
 * A file that keeps what the Flight Recorder has when the agent dies.
 *
 * Rows are written with `pwrite(2)` through a descriptor that stays open. What the kernel has accepted outlives
 * SIGKILL and an OOM kill as a shared mapping does, and a file that is truncated from outside or a full file system is
 * an error, not a SIGBUS.
 *
 * @module
 */
import { readLink } from "../../syscall/files/file.ts";
import { readAt, reserve, resize, writeAt } from "../../syscall/files/held_file.ts";
import {
  descriptorStat,
  Errno,
  type FileDescriptor,
  fileSystemMagic,
  FsMagic,
  isErrno,
  monotonicMicroseconds,
  readTextFile,
} from "../../syscall/mod.ts";
import type { Now } from "./boots.ts";
import { isZero } from "./bytes.ts";
import {
  fileBytes,
  FORMAT_VERSION,
  PAGE_BYTES,
  pageOf,
  readPage,
  segmentOffset,
  segmentsIn,
  storedSegments,
} from "./format.ts";
import { newestCrash, overwriteOrder } from "./kept.ts";
import { openPrivateFile, RecorderFileError, refusalOf } from "./private_file.ts";
import { type RecordLog, type Reporter, SegmentLog, type SegmentSink } from "./record_log.ts";
import { recover, type Recovered, type Recovery } from "./recovery.ts";
import { segmentBuffer, type SegmentSource } from "./segment_summary.ts";

/** How a recorder file is opened. */
export interface RecorderFileOptions {
  /** The most that the file may take, in bytes; it takes at least a megabyte. */
  readonly bytes: number;
  /** Where it tells of trouble. */
  readonly report: Reporter;
  /** This boot, now; the kernel's unless given. */
  readonly now?: Now;
}

/** A recorder file that is open. */
export interface RecorderFile {
  /** Takes what is recorded from now on; disposing it gives the file up. */
  readonly log: RecordLog;
  /** What earlier agents left; undefined if that is nothing. Read its rows before much is recorded. */
  readonly recovered: Recovered | undefined;
}

/**
 * The size of the file for a recorder's memory limit. A value takes one byte or two where memory takes eight: a
 * quarter of the limit holds as many rows.
 *
 * @param memoryLimit that of the Flight Recorder, in bytes
 * @returns bytes
 */
export function recorderFileBytes(memoryLimit: number): number {
  return Math.floor(memoryLimit / 4);
}

/** Source: `man 5 proc_sys_kernel`. */
function bootId(): string {
  return readTextFile("/proc/sys/kernel/random/boot_id").trim().replaceAll("-", "");
}

function kernelNow(): Now {
  return { bootId: bootId(), timeMs: Date.now(), monotonicMs: Number(monotonicMicroseconds()) / 1000 };
}

/** The segments of a file. */
function segmentsOf(fd: FileDescriptor, path: string, count: number): SegmentSource {
  return {
    count,
    read: (slot, buffer) => buffer.subarray(0, readAt(fd, buffer, segmentOffset(slot), path)),
  };
}

/** Copies the segments that are overwritten last and lie past the end to places of older ones, so that the file can shrink. */
function compact(
  fd: FileDescriptor,
  path: string,
  { slots, spans, lives }: Recovery,
  source: SegmentSource,
  count: number,
): void {
  const buffer = segmentBuffer();
  const newest = overwriteOrder(slots, spans, newestCrash(lives), count).slice(-count);
  const kept = new Set(newest);
  const free = Array.from({ length: count }, (_, slot) => slot).filter((slot) => !kept.has(slot));
  for (const slot of newest.filter((slot) => slot >= count)) {
    writeAt(fd, source.read(slot, buffer), segmentOffset(free.shift()!), path);
  }
}

/**
 * Gives the file its size and its first page.
 *
 * @returns false if there is no space for all of it at the moment
 */
function prepare(fd: FileDescriptor, path: string, size: number): boolean {
  resize(fd, size, path);
  // The page comes second: a file system that has space for it may have none for the rest.
  const steps = [() => reserve(fd, size, path), () => writeAt(fd, pageOf(), 0, path)];
  return steps.map((step) => {
    try {
      step();
      return true;
    } catch (error) {
      if (!isErrno(error, Errno.ENOSPC)) throw error;
      return false;
    }
  }).every((hasSpace) => hasSpace);
}

/** So many rows from one look at the name to the next, which takes longer than a look at the status. */
const ROWS_PER_LOOK = 64;

/** What the kernel calls an open file by now; undefined where that cannot be seen. */
function nameOf({ number }: FileDescriptor): string | undefined {
  try {
    return readLink(`/proc/self/fd/${number}`);
  } catch {
    return undefined;
  }
}

function sinkOf(fd: FileDescriptor, path: string, size: number): SegmentSink {
  const name = nameOf(fd);
  let looks = 0;
  const isRenamed = () => (nameOf(fd) ?? name) !== name;
  return {
    state: () => {
      const status = descriptorStat(fd.number, path);
      if (status.links === 0 || (++looks % ROWS_PER_LOOK === 0 && isRenamed())) return "removed";
      return status.size === BigInt(size) ? "intact" : "truncated";
    },
    restore: () => void prepare(fd, path, size),
    write: (slot, offset, bytes) => writeAt(fd, bytes, segmentOffset(slot) + offset, path),
    close: () => fd.close(),
  };
}

/** Whether a file is a recorder's, also a damaged one; a file of something else is not overwritten. */
function isRecorderFile(page: Uint8Array, source: SegmentSource, { recovered }: Recovery): boolean {
  if (readPage(page).isOurs) return true;
  if (recovered !== undefined && recovered.histories.length + recovered.lives.length > 0) return true;
  const buffer = segmentBuffer();
  return isZero(page) &&
    Array.from({ length: source.count }).every((_, slot) => isZero(source.read(slot, buffer)));
}

/**
 * Opens a recorder file, or makes it, and reads what earlier agents left in it. Call it before privileges are given up:
 * later nothing is opened or renamed any more.
 *
 * @param path where it is: on tmpfs, in a directory that is there
 * @param options how large it is, and where it tells of trouble
 * @throws {RecorderFileError} if it cannot be used: another agent has it or its file system is full (`isTemporary`), it is another kind of file, it
 * belongs to another user, or the kernel refuses
 */
export function openRecorderFile(
  path: string,
  { bytes, report, now = kernelNow() }: RecorderFileOptions,
): RecorderFile {
  using opened = new DisposableStack();
  const fd = opened.use(openPrivateFile(path));
  try {
    const size = Number(descriptorStat(fd.number, path).size);
    const page = new Uint8Array(new ArrayBuffer(PAGE_BYTES));
    const length = readAt(fd, page, 0, path);
    const stored = segmentsOf(fd, path, storedSegments(size));
    let recovery = recover(stored, now);
    if (!isRecorderFile(page.subarray(0, length), stored, recovery)) {
      throw new RecorderFileError(
        `Cannot use recorder file ${path}: it was not written by ktm; set another path`,
      );
    }
    const { version } = readPage(page);
    if (version !== undefined && version !== FORMAT_VERSION) {
      report.warn("Recorder file of another format version; its history is not taken over", {
        path,
        version,
      });
    }
    const count = segmentsIn(bytes);
    if (stored.count !== count) {
      if (stored.count > count) compact(fd, path, recovery, stored, count);
      resize(fd, fileBytes(count), path);
    }
    const source = segmentsOf(fd, path, count);
    if (stored.count !== count) recovery = recover(source, now);
    if (!prepare(fd, path, fileBytes(count))) {
      const mib = Math.ceil(fileBytes(count) / 2 ** 20);
      report.warn(
        `Recorder file: no space reserved; rows are lost if the file system fills up. Free ${mib} MiB`,
        { path },
      );
    }
    if (fileSystemMagic(path) !== FsMagic.TMPFS) {
      report.warn("Recorder file is not on tmpfs; a slow disk delays collections. Put it on tmpfs", { path });
    }
    const session = { run: recovery.nextRun, bootId: now.bootId };
    const log = new SegmentLog(sinkOf(fd, path, fileBytes(count)), { ...recovery, session }, report);
    opened.move();
    return { log, recovered: recovery.recovered };
  } catch (error) {
    if (error instanceof RecorderFileError) throw error;
    throw refusalOf(error);
  }
}
