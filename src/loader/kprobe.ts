/** Kprobes as perf events: through the kprobe PMU, or through tracefs where there is none. @module */
import {
  appendTextFile,
  Errno,
  type FileDescriptor,
  isErrno,
  openKprobeEvent,
  openTracepointEvent,
  readTextFile,
} from "../syscall/mod.ts";
import { requireTracefs, tracepointId } from "./tracefs.ts";

/** An open kprobe; disposing of it closes the event and takes the probe away. */
export interface Kprobe extends Disposable {
  readonly fd: FileDescriptor;
}

const PMU_TYPE = "/sys/bus/event_source/devices/kprobe/type";

/** The number of the kprobe PMU (Linux 4.17); undefined if this kernel has none. */
function pmuType(): number | undefined {
  try {
    return Number(readTextFile(PMU_TYPE));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return undefined;
    throw error;
  }
}

let created = 0;

/**
 * Opens a kprobe by writing it to `kprobe_events` (Documentation/trace/kprobetrace.rst).
 *
 * The probe's name holds the process id and a number, for all programs of the machine share that file.
 */
function openTracefsKprobe(func: string, isReturn: boolean): Kprobe {
  const file = `${requireTracefs(`kprobe on ${func}`)}/kprobe_events`;
  const name = `ktm/p${Deno.pid}_${created++}`;
  try {
    appendTextFile(file, `${isReturn ? "r" : "p"}:${name} ${func}\n`);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    throw new Error(`Cannot open kprobe on ${func}: this kernel has no kprobes, or no such function`, {
      cause: error,
    });
  }
  const remove = () => appendTextFile(file, `-:${name}\n`);
  try {
    const fd = openTracepointEvent(tracepointId(name), name);
    const dispose = () => {
      fd.close();
      remove();
    };
    return { fd, [Symbol.dispose]: dispose };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Opens a kprobe at a function's entry, or a kretprobe at its return.
 *
 * @throws {SyscallError} if the kernel has no such function, or no kprobes
 */
export function openKprobe(func: string, isReturn: boolean): Kprobe {
  const type = pmuType();
  if (type === undefined) return openTracefsKprobe(func, isReturn);
  const fd = openKprobeEvent(type, isReturn, func);
  return { fd, [Symbol.dispose]: () => fd.close() };
}
