/** The agent's time namespace: what its clocks show beyond those of the kernel. @module */
import { Errno, isErrno, kernelRelease, readTextFile, stat } from "../syscall/mod.ts";

/** What clocks of a time namespace show beyond those of the initial one, in nanoseconds. */
export interface TimeOffsets {
  /** Of `CLOCK_MONOTONIC`. */
  readonly monotonic: bigint;
  /** Of the start times in `/proc/<pid>/stat`: from 5.11 on that of `CLOCK_BOOTTIME`. */
  readonly boottime: bigint;
}

const NONE: TimeOffsets = { monotonic: 0n, boottime: 0n };

/**
 * Parses `/proc/<pid>/timens_offsets`: a line for each clock, with seconds and nanoseconds (`man 7 time_namespaces`).
 * A clock that is not there has no offset.
 */
export function parseTimeOffsets(text: string): TimeOffsets {
  const offset = (clock: string): bigint => {
    const [, seconds = "0", nanoseconds = "0"] =
      new RegExp(`^${clock}\\s+(-?\\d+)\\s+(\\d+)`, "m").exec(text) ??
        [];
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  };
  return { monotonic: offset("monotonic"), boottime: offset("boottime") };
}

/**
 * Whether start times in `/proc/<pid>/stat` are those of the reader's time namespace: `do_task_stat()` in
 * `fs/proc/array.c`, from 5.11 on.
 *
 * @param release of the kernel
 */
export function shiftsStartTimes(release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map((part) => parseInt(part));
  return major > 5 || (major === 5 && minor >= 11);
}

function readOffsets(): TimeOffsets {
  try {
    // The file is about the namespace of children: of one that this process has made for them it is not in itself.
    // By number: older kernels name the one link "time" and the other "time_for_children".
    const isOwn = stat("/proc/self/ns/time").inode === stat("/proc/self/ns/time_for_children").inode;
    if (!isOwn) return NONE;
    const offsets = parseTimeOffsets(readTextFile("/proc/self/timens_offsets"));
    return shiftsStartTimes(kernelRelease().release) ? offsets : { ...offsets, boottime: 0n };
  } catch (error) {
    // A kernel without time namespaces, or a /proc that does not show this process.
    if (isErrno(error, Errno.ENOENT)) return NONE;
    throw error;
  }
}

let offsets: TimeOffsets | undefined;

/** The offsets of this process's time namespace, which it does not leave. */
export function timeOffsets(): TimeOffsets {
  return offsets ??= readOffsets();
}

/** Nanoseconds of a clock tick, which is a hundredth of a second everywhere (`USER_HZ`). */
const TICK_NS = 10_000_000n;

/**
 * A start time as `/proc/<pid>/stat` shows it to this process, in clock ticks.
 *
 * @param startNs the kernel's own `start_boottime`, in nanoseconds
 */
export function startTicks(startNs: bigint, { boottime }: TimeOffsets = timeOffsets()): bigint {
  return (startNs + boottime) / TICK_NS;
}
