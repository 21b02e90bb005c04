/** Links: programs that run. @module */
import type { AttachKind } from "../elf/mod.ts";
import {
  BpfAttachType,
  BpfCommand,
  bpfOpen,
  enableEvent,
  Errno,
  type FileDescriptor,
  isErrno,
  LINK_CREATE_ATTR,
  openTracepointEvent,
  RAW_TRACEPOINT_ATTR,
  setEventProgram,
  syscallFunction,
} from "../syscall/mod.ts";
import { openKprobe } from "./kprobe.ts";
import { tracepointId } from "./tracefs.ts";

/** An attached program; closing the link detaches it. */
export class BpfLink implements Disposable {
  readonly #parts: readonly Disposable[];

  /** @param parts what keeps the program attached, in the order in which to dispose of it */
  constructor(parts: readonly Disposable[]) {
    this.#parts = parts;
  }

  close(): void {
    for (const part of this.#parts) part[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What attaching needs to know of a program. */
export interface Attachable {
  readonly fd: FileDescriptor;
  readonly name: string;
  readonly attach: AttachKind;
  readonly target: string;
}

/**
 * `BPF_RAW_TRACEPOINT_OPEN`, which also attaches to functions; a BTF-enabled program knows where it belongs,
 * so the name stays empty.
 */
function attachByProgram({ fd, name, attach, target }: Attachable): BpfLink {
  const tracepoint = attach === "raw_tracepoint" ? new TextEncoder().encode(`${target}\0`) : undefined;
  return new BpfLink([bpfOpen(
    BpfCommand.RAW_TRACEPOINT_OPEN,
    RAW_TRACEPOINT_ATTR,
    { name: tracepoint, prog_fd: fd.number },
    `attach program ${name} to ${target}`,
  )]);
}

/** Links to perf events came with Linux 5.15; before, the program hangs on the event itself. */
function linkToEvent(
  program: FileDescriptor,
  event: FileDescriptor,
  name: string,
): FileDescriptor | undefined {
  try {
    const link = bpfOpen(BpfCommand.LINK_CREATE, LINK_CREATE_ATTR, {
      prog_fd: program.number,
      target_fd: event.number,
      attach_type: BpfAttachType.PERF_EVENT,
    }, `attach program ${name} to a perf event`);
    return link;
  } catch (error) {
    if (!isErrno(error, Errno.EINVAL)) throw error;
    setEventProgram(event, program);
  }
}

/** Attaches a program to a perf event, which is closed with the link, or now if that fails. */
function attachToEvent(program: Attachable, event: Disposable, fd: FileDescriptor): BpfLink {
  using opened = new DisposableStack();
  opened.use(event);
  const link = opened.use(linkToEvent(program.fd, fd, program.name));
  enableEvent(fd);
  opened.move();
  return new BpfLink(link === undefined ? [event] : [link, event]);
}

function attachTracepoint(program: Attachable): BpfLink {
  const event = openTracepointEvent(tracepointId(program.target), program.target);
  return attachToEvent(program, event, event);
}

function attachKprobe(isReturn: boolean, functionOf: (target: string) => string) {
  return (program: Attachable): BpfLink => {
    const probe = openKprobe(functionOf(program.target), isReturn);
    return attachToEvent(program, probe, probe.fd);
  };
}

const asIs = (target: string) => target;

const ATTACH: Readonly<Record<AttachKind, (program: Attachable) => BpfLink>> = {
  tp_btf: attachByProgram,
  raw_tracepoint: attachByProgram,
  fentry: attachByProgram,
  fexit: attachByProgram,
  tracepoint: attachTracepoint,
  kprobe: attachKprobe(false, asIs),
  kretprobe: attachKprobe(true, asIs),
  ksyscall: attachKprobe(false, syscallFunction),
  kretsyscall: attachKprobe(true, syscallFunction),
};

/**
 * Attaches a loaded program to what its section name says.
 *
 * @throws {Error} if the kernel has no such tracepoint, or refuses
 */
export function attachProgram(program: Attachable): BpfLink {
  return ATTACH[program.attach](program);
}
