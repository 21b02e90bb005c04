/** Programs in the kernel. @module */
import {
  LINE_WORDS,
  type LineInfos,
  type LinkedProgram,
  type ProgramKind,
  type SourceLine,
} from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  bpfReply,
  checked,
  type FileDescriptor,
  PROG_LOAD_ATTR,
  ProgramInfo,
  SyscallError,
  TEST_RUN_ATTR,
} from "../../syscall/mod.ts";
import { type AttachPlace, attachProgram, type BpfLink } from "../attach/link.ts";
import type { ObjectBtf } from "../btf/object_btf.ts";
import { btfHint, BtfLoadError, ProgramLoadError, VerifierError } from "../errors.ts";
import { readVerifierLog } from "../kernel_log.ts";
import { kernelName } from "../names.ts";
import { loadHint } from "./load_failure.ts";
import { findReason } from "./verifier_log.ts";

const INSTRUCTION_SIZE = 8;
const FUNC_INFO_SIZE = 8;
const LINE_INFO_SIZE = 16;

/** A program that is ready for the kernel. */
export interface LoadableProgram extends LinkedProgram {
  /** Its name in the source. */
  readonly name: string;
  /** What its section's name says. */
  readonly kind: ProgramKind;
  /** What it attaches to. */
  readonly target: string;
  /** The license of its object. */
  readonly license: string;
  /** The object's BTF in the kernel, or why it is not there. */
  readonly btf: ObjectBtf;
  /** Id of the kernel's type that it attaches to, 0 if it needs none. */
  readonly attachBtfId: number;
  /** BTF of the module, or the program, that has that type, if it is not the kernel's own. */
  readonly attachBtf: FileDescriptor | undefined;
  /** BTF of the modules whose functions it calls, by the indexes that the calls have; empty if there are none. */
  readonly moduleBtfs: Int32Array<ArrayBuffer>;
  /** The line of source code of an instruction, by index. */
  readonly sourceLine: (instruction: number) => SourceLine | undefined;
}

function recordBytes(records: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(records.flat()).buffer);
}

/** The kernel counts instructions, not bytes. */
function lineBytes(lines: LineInfos): Uint8Array<ArrayBuffer> {
  const records = lines.slice();
  for (let at = 0; at < records.length; at += LINE_WORDS) records[at]! /= INSTRUCTION_SIZE;
  return new Uint8Array(records.buffer);
}

/** What tells the verifier of functions and lines; their names and types are in the BTF. */
function infoAttributes({ btf, functions, lines }: LoadableProgram) {
  if (btf instanceof BtfLoadError) return {};
  return {
    prog_btf_fd: btf.number,
    func_info_rec_size: FUNC_INFO_SIZE,
    func_info: recordBytes(functions.map(({ offset, type }) => [offset / INSTRUCTION_SIZE, type])),
    func_info_cnt: functions.length,
    line_info_rec_size: LINE_INFO_SIZE,
    line_info: lineBytes(lines),
    line_info_cnt: lines.length / LINE_WORDS,
  };
}

function loadAttributes(program: LoadableProgram) {
  const { kind, name, instructions, license, attachBtfId, moduleBtfs } = program;
  return {
    prog_type: kind.type,
    expected_attach_type: kind.attachType,
    prog_flags: kind.flags,
    insn_cnt: instructions.bytes.length / INSTRUCTION_SIZE,
    insns: instructions.bytes,
    license: new TextEncoder().encode(`${license}\0`),
    prog_name: kernelName(name),
    ...infoAttributes(program),
    attach_btf_id: attachBtfId,
    attach_btf_obj_fd: program.attachBtf?.number,
    fd_array: moduleBtfs.length === 0 ? undefined : new Uint8Array(moduleBtfs.buffer),
  };
}

/** What a program is run on by {@linkcode BpfProgram.run}. */
export interface RunInput {
  /** A packet, for programs that work on packets. */
  readonly data?: Uint8Array<ArrayBuffer>;
  /** The context, for programs that take one from user space, such as raw tracepoints and system calls. */
  readonly context?: Uint8Array<ArrayBuffer>;
}

/** A program that the kernel has verified; closing it unloads it unless a link holds it. */
export class BpfProgram implements Disposable {
  /** Name of its function. */
  readonly name: string;
  /** What its section's name says. */
  readonly kind: ProgramKind;
  /** What it attaches to. */
  readonly target: string;
  /** The program in the kernel. */
  readonly fd: FileDescriptor;
  #info: ProgramInfo | undefined;

  /**
   * Loads a program.
   *
   * @param program its instructions with every relocation applied, and what goes with them
   * @throws {VerifierError} if the verifier refuses it, and why
   * @throws {ProgramLoadError} if the kernel refuses it before it is looked at
   */
  constructor(program: LoadableProgram) {
    this.name = program.name;
    this.kind = program.kind;
    this.target = program.target;
    const attributes = loadAttributes(program);
    const action = `load program ${program.name}`;
    try {
      this.fd = bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, attributes, action, `program ${this.name}`);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      const log = readVerifierLog(error, (log_level, log_buf) => {
        const withLog = { ...attributes, log_level, log_size: log_buf.length, log_buf };
        return bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, withLog, action);
      });
      const btfRefusal = program.btf instanceof BtfLoadError ? program.btf : undefined;
      if (findReason(log) === undefined) {
        throw new ProgramLoadError(program.name, error, loadHint(error, program.kind) + btfHint(btfRefusal));
      }
      const missing = [...program.instructions.missing];
      throw new VerifierError(program.name, error, log, {
        missing: new Map(missing.map(([index, describe]) => [index, describe()])),
        sourceLine: program.sourceLine,
        btfRefusal,
      });
    }
  }

  /**
   * Attaches the program to what its section name says, or to a place.
   *
   * @returns the link, which is the caller's to close
   * @throws {TypeError} if it attaches to something else
   * @throws {Error} if the kernel has nothing to attach it to, or refuses
   */
  link(place?: AttachPlace): BpfLink {
    return attachProgram(this, place);
  }

  /**
   * Runs the program once, without attaching it (`BPF_PROG_TEST_RUN`).
   *
   * @returns what it returned, as an unsigned number
   * @throws {SyscallError} if the kernel cannot run programs of its kind so
   */
  run({ data, context }: RunInput = {}): number {
    const { attr } = bpfReply(BpfCommand.PROG_TEST_RUN, TEST_RUN_ATTR, {
      prog_fd: this.fd.number,
      data_in: data,
      data_size_in: data?.length,
      ctx_in: context,
      ctx_size_in: context?.length,
    }, `run program ${this.name}`);
    return attr.getUint32(TEST_RUN_ATTR.retval[0], true);
  }

  /**
   * How often the kernel has left the program out, because on the same CPU it was in the middle of it already
   * (from 5.12 on; 0 before).
   *
   * @throws {SyscallError} if the kernel does not tell of the program
   */
  misses(): bigint {
    return this.#readInfo().get("recursion_misses");
  }

  /**
   * How often the program has run and how long in all, while {@linkcode enableRunStats} was in force.
   *
   * @throws {SyscallError} if the kernel does not tell of the program
   */
  runs(): { readonly count: bigint; readonly nanoseconds: bigint } {
    const info = this.#readInfo();
    return { count: info.get("run_cnt"), nanoseconds: info.get("run_time_ns") };
  }

  #readInfo(): ProgramInfo {
    const info = this.#info ??= new ProgramInfo(this.fd);
    checked(
      info.call(),
      "bpf(BPF_OBJ_GET_INFO_BY_FD)",
      () => `read what the kernel tells of program ${this.name}`,
    );
    return info;
  }

  /** Closes the descriptor; the kernel unloads the program unless a link holds it. */
  close(): void {
    this.fd.close();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
