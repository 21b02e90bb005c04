/** Errors of loading and attaching. @module */
import type { MapSpec, SourceLine } from "../elf/mod.ts";
import { effectiveCapabilities, Errno, hasCapability, type SyscallError } from "../syscall/mod.ts";
import { lockdownMode } from "./kernel/lockdown.ts";
import { creationHint, describeMap } from "./maps/hints.ts";
import { findReason } from "./programs/verifier_log.ts";
import { missingCapabilities } from "./requirements.ts";

/** A program that the kernel did not load. */
export class ProgramLoadError extends Error {
  /** The name of the class. */
  override readonly name: string = "ProgramLoadError";

  /**
   * Makes the error, with its message.
   *
   * @param program the program's name
   * @param cause what the system call said
   * @param reason why, by default what is missing for such a call
   */
  constructor(
    readonly program: string,
    override readonly cause: SyscallError,
    reason: string = permissionHint(cause),
  ) {
    super(`Cannot load program ${program}: ${reason} (${cause.syscall}: ${cause.code})`);
  }
}

/** What is known of a program whose log is read. */
export interface ProgramOrigin {
  /** What each poisoned instruction would have needed, by index. */
  readonly missing: ReadonlyMap<number, string>;
  /** The line of source code of an instruction. */
  readonly sourceLine: (instruction: number) => SourceLine | undefined;
  /** Why the program was loaded without its object's BTF; absent if it was not. */
  readonly btfRefusal?: BtfLoadError | undefined;
}

/** A program that the verifier refused: which instruction, from which line of source code, and why. */
export class VerifierError extends ProgramLoadError {
  /** The name of the class. */
  override readonly name = "VerifierError";
  /** The reason in one sentence. */
  readonly reason: string;
  /** Index of the instruction that the verifier looked at last; undefined if it came to none. */
  readonly instruction: number | undefined;
  /** Where that instruction comes from; undefined if the program has no line info. */
  readonly source: SourceLine | undefined;
  /** The log's last lines before the reason. */
  readonly context: readonly string[];

  /**
   * Makes the error, with its message.
   *
   * @param program the program's name
   * @param cause what the system call said
   * @param log the verifier's whole log
   * @param origin what is known of the program
   */
  constructor(program: string, cause: SyscallError, readonly log: string, origin: ProgramOrigin) {
    const { reason, instruction, context } = findReason(log) ?? { reason: "nothing", context: [] };
    const lacking = instruction === undefined ? undefined : origin.missing.get(instruction);
    const source = instruction === undefined ? undefined : origin.sourceLine(instruction);
    const says = lacking === undefined
      ? `the verifier says: ${reason}${lockdownHint(reason)}`
      : `it needs ${lacking}, which this kernel does not have`;
    const place = source === undefined ? "" : `, at ${source.file}:${source.line}: ${source.text}`;
    super(program, cause, says + place + btfHint(origin.btfRefusal));
    this.reason = lacking === undefined ? reason : `this kernel has no ${lacking}`;
    this.instruction = instruction;
    this.source = source;
    this.context = context;
  }
}

/**
 * What to add to a reason that lockdown is behind: under `confidentiality` the kernel takes away the helpers
 * that read its memory, and the verifier only says that there are none.
 *
 * @param reason what the verifier says
 * @param mode the lockdown mode, by default that of the running kernel
 */
export function lockdownHint(reason: string, mode: string | undefined = lockdownMode()): string {
  const isBehind = mode === "confidentiality" && reason.includes("bpf_probe_read");
  return isBehind ? "; lockdown=confidentiality forbids that: boot with lockdown=integrity" : "";
}

/**
 * What is missing when the kernel refuses `bpf()` without a verifier log.
 *
 * @param error what the system call said
 * @param held the effective capabilities, by default those of this process
 */
export function permissionHint(error: SyscallError, held: bigint = effectiveCapabilities()): string {
  if (error.errno !== Errno.EPERM && error.errno !== Errno.EACCES) return "the kernel refuses it";
  if (hasCapability(held, "CAP_SYS_ADMIN")) return "the kernel refuses this kind of program";
  const missing = missingCapabilities(held);
  return missing.length === 0
    ? "the kernel refuses it to CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN may be needed"
    : `${missing.join(" and ")} missing; run as root or grant the capabilities`;
}

/** A map that the kernel did not create. */
export class MapCreateError extends Error {
  /** The name of the class. */
  override readonly name = "MapCreateError";
  /** The map's name. */
  readonly map: string;

  /**
   * Makes the error, with its message.
   *
   * @param spec what was asked of the kernel
   * @param cause what the system call said
   * @param held the effective capabilities, by default those of this process
   * @param btfRefusal why the map's BTF is not there, if the kernel needs it
   */
  constructor(
    spec: MapSpec,
    override readonly cause: SyscallError,
    held?: bigint,
    btfRefusal?: BtfLoadError,
  ) {
    const reason = (creationHint(spec, cause) ?? mapHint(cause, held)) + btfHint(btfRefusal);
    super(
      `Cannot create map ${spec.name}: ${reason} (${describeMap(spec)}; ${cause.syscall}: ${cause.code})`,
    );
    this.map = spec.name;
  }
}

/** Kernels before 5.11 say EPERM, too, when the limit on locked memory is too low for a map. */
function mapHint(error: SyscallError, held: bigint = effectiveCapabilities()): string {
  if (error.errno !== Errno.EPERM || !hasCapability(held, "CAP_BPF")) return permissionHint(error, held);
  return "the limit on locked memory is too low; run with ulimit -l unlimited, LimitMEMLOCK=infinity in a systemd " +
    "unit, or CAP_SYS_RESOURCE";
}

/** BTF of an object that the kernel did not load. */
export class BtfLoadError extends Error {
  /** The name of the class. */
  override readonly name = "BtfLoadError";

  /**
   * Makes the error, with its message.
   *
   * @param cause what the system call said
   * @param log the kernel's whole log, empty if it gave none
   * @param reason why, by default what is missing for such a call
   */
  constructor(
    override readonly cause: SyscallError,
    readonly log: string,
    readonly reason: string = log === "" ? permissionHint(cause) : "its log does not say why",
  ) {
    super(`Cannot load the object's BTF: ${reason} (${cause.syscall}: ${cause.code})`);
  }
}

/**
 * What to add to the reason for which something is refused that was loaded without its object's BTF, which may be
 * the cause. Where privileges are missing the reason says so already.
 *
 * @param refusal why the BTF is not there; undefined if it is
 */
export function btfHint(refusal: BtfLoadError | undefined): string {
  if (refusal === undefined || refusal.cause.errno === Errno.EPERM) return "";
  return ` (without BTF, for the kernel refuses that of the object: ${refusal.reason})`;
}

/** Something of the kernel's that it does not let this process find out. */
export class ProbeError extends Error {
  /** The name of the class. */
  override readonly name = "ProbeError";

  /**
   * Makes the error, with its message.
   *
   * @param action what was being done, starting with a verb
   * @param cause what the system call said
   */
  constructor(action: string, override readonly cause: SyscallError) {
    super(`Cannot ${action}: ${permissionHint(cause)} (${cause.syscall}: ${cause.code})`);
  }
}
