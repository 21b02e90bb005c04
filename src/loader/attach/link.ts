/** Links: programs that run. @module */
import { type AttachKind, BpfAttachType, type ProgramKind } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  enableEvent,
  Errno,
  type FileDescriptor,
  isErrno,
  ITER_CREATE_ATTR,
  LINK_CREATE_ATTR,
  openTracepointEvent,
  RAW_TRACEPOINT_ATTR,
  readAll,
  setEventProgram,
  SyscallError,
  syscallFunction,
} from "../../syscall/mod.ts";
import { attachHint } from "./failure.ts";
import { openKprobe } from "./kprobe.ts";
import { tracepointId } from "./tracefs.ts";

/** An attached program; closing the link detaches it. */
export class BpfLink implements Disposable {
  readonly #parts: readonly Disposable[];

  readonly #descriptor: FileDescriptor | undefined;

  /**
   * Takes over what belongs to the link.
   *
   * @param parts what keeps the program attached, in the order in which to dispose of it
   * @param descriptor the kernel's link, if there is a use for it
   */
  constructor(parts: readonly Disposable[], descriptor?: FileDescriptor) {
    this.#parts = parts;
    this.#descriptor = descriptor;
  }

  /** The kernel's link; only that of an iterator is of use. */
  get descriptor(): FileDescriptor {
    if (this.#descriptor === undefined) throw new TypeError("Cannot use the link: it belongs to no iterator");
    return this.#descriptor;
  }

  /** Detaches the program. */
  close(): void {
    for (const part of this.#parts) part[Symbol.dispose]();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** What attaching needs to know of a program. */
export interface Attachable {
  /** The program in the kernel. */
  readonly fd: FileDescriptor;
  /** Its name, for messages. */
  readonly name: string;
  /** What its section's name says. */
  readonly kind: ProgramKind;
  /** What it attaches to. */
  readonly target: string;
}

/**
 * `BPF_RAW_TRACEPOINT_OPEN`, which also attaches to functions; a BTF-enabled program knows where it belongs,
 * so the name stays empty.
 */
export function attachByProgram({ fd, name, kind, target }: Attachable): BpfLink {
  const tracepoint = kind.attach === "raw_tracepoint" ? new TextEncoder().encode(`${target}\0`) : undefined;
  const values = { name: tracepoint, prog_fd: fd.number };
  const action = `attach program ${name} to ${target}`;
  try {
    return new BpfLink([bpfOpen(BpfCommand.RAW_TRACEPOINT_OPEN, RAW_TRACEPOINT_ATTR, values, action)]);
  } catch (error) {
    const hint = error instanceof SyscallError ? attachHint(kind, target, error) : undefined;
    throw hint === undefined ? error : new Error(`Cannot attach program ${name}: ${hint}`, { cause: error });
  }
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
export function attachToEvent(program: Attachable, event: Disposable, fd: FileDescriptor): BpfLink {
  using opened = new DisposableStack();
  opened.use(event);
  const link = opened.use(linkToEvent(program.fd, fd, program.name));
  enableEvent(fd);
  opened.move();
  return new BpfLink(link === undefined ? [event] : [link, event]);
}

/** Iterators run each time that somebody reads; see {@linkcode readIterator}. */
function attachIterator({ fd, name }: Attachable): BpfLink {
  const link = bpfOpen(BpfCommand.LINK_CREATE, LINK_CREATE_ATTR, {
    prog_fd: fd.number,
    attach_type: BpfAttachType.TRACE_ITER,
  }, `attach iterator ${name}`);
  return new BpfLink([link], link);
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

/** Where programs attach that have to be told, and how. */
const PLACES: Partial<Readonly<Record<AttachKind, string>>> = {
  cpu_clock: "a clock of the CPUs; say how fast it is with toCpuClock()",
  cgroup: "a cgroup; say which with toCgroup()",
  interface: "a network interface; say which with toInterface()",
  network_namespace: "a network namespace; say which with toNetworkNamespace()",
  netfilter: "a hook of netfilter; say which with toNetfilter()",
  program: "a function of another program; say whose with toProgram()",
  user_function: "a function of a program or library; say which with toUserFunction()",
};

/** What to do with other programs, by what stands before the target in their section's name. */
const OTHER_MEANS: readonly (readonly [prefix: RegExp, means: string])[] = [
  [/^socket$/, "use setsockopt(SO_ATTACH_BPF) of a socket, with its fd"],
  [/^sk_reuseport/, "use setsockopt(SO_ATTACH_REUSEPORT_EBPF) of a socket, with its fd"],
  [/^u(ret)?probe\./, "make it uprobe or uretprobe, for one function"],
  [/^k(ret)?probe\./, "make it kprobe or kretprobe, for one function"],
  [/^(tc|classifier|action)$/, "make it tcx/ingress or tcx/egress, or use tc-bpf(8)"],
  [/^xdp.*\/(dev|cpu)map$/, "put its fd into a value of such a map"],
  [/^lwt_/, "use ip-route(8)"],
  [/^sk_(skb|msg)/, "use bpf(BPF_PROG_ATTACH) to a map of sockets, with its fd"],
  [/^lirc_mode2$/, "use bpf(BPF_PROG_ATTACH) to a device /dev/lirc, with its fd"],
  [/^syscall$/, "call its run()"],
];

/** Says where programs of a kind attach. */
export function whereAttached({ attach, prefix }: ProgramKind): string {
  const place = PLACES[attach];
  if (place !== undefined) return `${prefix} attaches to ${place}`;
  if (attach !== "none") return `${prefix} attaches to what its section's name says`;
  const means = OTHER_MEANS.find(([pattern]) => pattern.test(prefix))?.[1];
  return `${prefix} cannot be attached here; ${means}`;
}

/** Whether a section's name says all that attaching takes. */
export function attachesByItself({ attach, hasTarget }: ProgramKind, target: string): boolean {
  return attach !== "none" && PLACES[attach] === undefined && (target !== "" || !hasTarget);
}

/** A place to which programs attach that are not told by their section's name. */
export interface AttachPlace {
  /** What it is and which: `cgroup /sys/fs/cgroup/system.slice`. */
  readonly name: string;
  /** Whether programs of a kind attach there. */
  takes(kind: ProgramKind): boolean;
  /** Attaches a program. */
  attach(program: Attachable): BpfLink;
  /**
   * What a program has to be loaded for.
   *
   * @param program the program's name
   * @param target what follows the kind in its section's name
   */
  loadTarget?(program: string, target: string): LoadTarget;
}

/** A type that the kernel wants to know when a program is loaded. */
export interface LoadTarget {
  /** The type's id, 0 if there is none. */
  readonly id: number;
  /** What has it, if not the kernel itself: the BTF of a module, or a program. */
  readonly holder?: FileDescriptor;
}

function attachNothing({ name, kind }: Attachable): never {
  throw new TypeError(`Cannot attach program ${name}: ${whereAttached(kind)}`);
}

const ATTACH: Readonly<Record<AttachKind, (program: Attachable) => BpfLink>> = {
  none: attachNothing,
  cpu_clock: attachNothing,
  cgroup: attachNothing,
  interface: attachNothing,
  network_namespace: attachNothing,
  netfilter: attachNothing,
  program: attachByProgram,
  user_function: attachNothing,
  trace: attachByProgram,
  raw_tracepoint: attachByProgram,
  iter: attachIterator,
  tracepoint: attachTracepoint,
  kprobe: attachKprobe(false, asIs),
  kretprobe: attachKprobe(true, asIs),
  ksyscall: attachKprobe(false, syscallFunction),
  kretsyscall: attachKprobe(true, syscallFunction),
};

/**
 * Attaches a loaded program to what its section name says, or to a place.
 *
 * @throws {TypeError} if it attaches to something else
 * @throws {Error} if the kernel has no such tracepoint, or refuses
 */
export function attachProgram(program: Attachable, place?: AttachPlace): BpfLink {
  const { name, kind, target } = program;
  if (place === undefined && PLACES[kind.attach] === undefined && kind.hasTarget && target === "") {
    throw new TypeError(
      `Cannot attach program ${name}: its section names nothing to attach to; name it: ${kind.prefix}/NAME`,
    );
  }
  if (place === undefined) return ATTACH[kind.attach](program);
  if (place.takes(kind)) return place.attach(program);
  throw new TypeError(`Cannot attach program ${name} to ${place.name}: ${whereAttached(kind)}`);
}

/**
 * Runs an attached iterator and gives all that it writes.
 *
 * @param name the program's name, for errors
 * @param link its link
 * @throws {SyscallError} if the kernel refuses
 */
export function readIterator(name: string, link: BpfLink): Uint8Array<ArrayBuffer> {
  const action = `run iterator ${name}`;
  using iterator = bpfOpen(
    BpfCommand.ITER_CREATE,
    ITER_CREATE_ATTR,
    { link_fd: link.descriptor.number },
    action,
  );
  return readAll(iterator, action);
}
