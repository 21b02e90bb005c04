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
} from "../syscall/mod.ts";
import { tracepointId } from "./tracefs.ts";

/** An attached program; closing the link detaches it. */
export class BpfLink implements Disposable {
  readonly #fds: readonly FileDescriptor[];

  /** @param fds the descriptors that keep the program attached, in the order in which to close them */
  constructor(fds: readonly FileDescriptor[]) {
    this.#fds = fds;
  }

  close(): void {
    for (const fd of this.#fds) fd.close();
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

/** `BPF_RAW_TRACEPOINT_OPEN`; a BTF-enabled program knows its tracepoint, so the name stays empty. */
function attachRawTracepoint({ fd, name, attach, target }: Attachable): BpfLink {
  const tracepoint = attach === "raw_tracepoint" ? new TextEncoder().encode(`${target}\0`) : undefined;
  return new BpfLink([bpfOpen(
    BpfCommand.RAW_TRACEPOINT_OPEN,
    RAW_TRACEPOINT_ATTR,
    { name: tracepoint, prog_fd: fd.number },
    `attach program ${name} to raw tracepoint ${target}`,
  )]);
}

/** Links to perf events came with Linux 5.15; before, the program hangs on the event itself. */
function linkToEvent(program: FileDescriptor, event: FileDescriptor, name: string): BpfLink {
  try {
    const link = bpfOpen(BpfCommand.LINK_CREATE, LINK_CREATE_ATTR, {
      prog_fd: program.number,
      target_fd: event.number,
      attach_type: BpfAttachType.PERF_EVENT,
    }, `attach program ${name} to a perf event`);
    return new BpfLink([link, event]);
  } catch (error) {
    if (!isErrno(error, Errno.EINVAL)) throw error;
    setEventProgram(event, program);
    return new BpfLink([event]);
  }
}

function attachTracepoint({ fd, name, target }: Attachable): BpfLink {
  using opened = new DisposableStack();
  const event = opened.use(openTracepointEvent(tracepointId(target), target));
  const link = opened.use(linkToEvent(fd, event, name));
  enableEvent(event);
  opened.move();
  return link;
}

const ATTACH: Readonly<Record<AttachKind, (program: Attachable) => BpfLink>> = {
  tp_btf: attachRawTracepoint,
  raw_tracepoint: attachRawTracepoint,
  tracepoint: attachTracepoint,
};

/**
 * Attaches a loaded program to what its section name says.
 *
 * @throws {Error} if the kernel has no such tracepoint, or refuses
 */
export function attachProgram(program: Attachable): BpfLink {
  return ATTACH[program.attach](program);
}
