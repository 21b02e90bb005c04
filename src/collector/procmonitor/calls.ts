/** The calls whose flight is reported. @module */
import { syscallNumbers } from "../../syscall/mod.ts";

/** A system call that a module times, and keeps in the state of the thread that is in it. */
export interface WatchedCall {
  /** Its name, the label's value. */
  readonly call: string;
  /** Its number in the machine's own table. */
  readonly number: number;
}

/** Room for calls: `WATCHED_CALLS` in bpf/procmonitor.bpf.c. */
export const MOST_CALLS = 16;

/** The calls that iomonitor times. */
export function iomonitorCalls(): WatchedCall[] {
  const { read, pread64, fadvise64 } = syscallNumbers();
  return [
    { call: "read", number: read },
    { call: "pread64", number: pread64 },
    { call: "fadvise64", number: fadvise64 },
  ];
}
