/** Kprobes as perf events: through the kprobe PMU, or through tracefs where there is none. @module */
import {
  Errno,
  type FileDescriptor,
  isErrno,
  openFile,
  OpenFlag,
  openKprobeEvent,
  openTracepointEvent,
  readTextFile,
  writeAll,
} from "../../syscall/mod.ts";
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

/** Appends to `kprobe_events`, opened once: later this process may open no file for writing. */
class ProbeEvents implements Disposable {
  readonly #path: string;
  readonly #fd: FileDescriptor;

  constructor(directory: string) {
    this.#path = `${directory}/kprobe_events`;
    this.#fd = openFile(this.#path, OpenFlag.WRONLY | OpenFlag.APPEND);
  }

  write(line: string): void {
    writeAll(this.#fd, new TextEncoder().encode(line), this.#path);
  }

  [Symbol.dispose](): void {
    this.#fd.close();
  }
}

function createProbe(name: string, func: string, isReturn: boolean): ProbeEvents {
  const directory = requireTracefs(`kprobe on ${func}`);
  using owned = new DisposableStack();
  try {
    const events = owned.use(new ProbeEvents(directory));
    events.write(`${isReturn ? "r" : "p"}:${name} ${func}\n`);
    owned.move();
    return events;
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    throw new Error(`Cannot open kprobe on ${func}: this kernel has no kprobes, or no such function`, {
      cause: error,
    });
  }
}

/**
 * Opens a kprobe by writing it to `kprobe_events` (Documentation/trace/kprobetrace.rst).
 *
 * The probe's name holds the process id and a number, for all programs of the machine share that file.
 */
function openTracefsKprobe(func: string, isReturn: boolean): Kprobe {
  const name = `ktm/p${Deno.pid}_${created++}`;
  const events = createProbe(name, func, isReturn);
  const remove = () => {
    events.write(`-:${name}\n`);
    events[Symbol.dispose]();
  };
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
