/** Programs in the kernel. @module */
import type { AttachKind, Instructions, ProgramSpec } from "../elf/mod.ts";
import { BpfCommand, bpfOpen, type FileDescriptor, PROG_LOAD_ATTR, SyscallError } from "../syscall/mod.ts";
import { ATTACH_KINDS } from "./attach_kinds.ts";
import { ProgramLoadError } from "./errors.ts";
import { attachProgram, type BpfLink } from "./link.ts";
import { readKernelLog } from "./kernel_log.ts";
import { kernelName } from "./names.ts";

const INSTRUCTION_SIZE = 8;
const FUNC_INFO_SIZE = 8;
const LINE_INFO_SIZE = 16;

function recordBytes(records: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint32Array(records.flat()).buffer);
}

function loadAttributes(
  spec: ProgramSpec,
  instructions: Instructions,
  license: string,
  btf: FileDescriptor,
  attachBtfId: number,
) {
  const { type, attachType } = ATTACH_KINDS[spec.attach];
  return {
    prog_type: type,
    expected_attach_type: attachType,
    insn_cnt: instructions.bytes.length / INSTRUCTION_SIZE,
    insns: instructions.bytes,
    license: new TextEncoder().encode(`${license}\0`),
    prog_name: kernelName(spec.name),
    prog_btf_fd: btf.number,
    func_info_rec_size: FUNC_INFO_SIZE,
    func_info: recordBytes(spec.functions.map(({ offset, type }) => [offset / INSTRUCTION_SIZE, type])),
    func_info_cnt: spec.functions.length,
    line_info_rec_size: LINE_INFO_SIZE,
    line_info: recordBytes(
      spec.lines.map((line) => [line.offset / INSTRUCTION_SIZE, line.fileName, line.text, line.lineColumn]),
    ),
    line_info_cnt: spec.lines.length,
    attach_btf_id: attachBtfId,
  };
}

/** A program that the kernel has verified; closing it unloads it unless a link holds it. */
export class BpfProgram implements Disposable {
  readonly name: string;
  readonly attach: AttachKind;
  readonly target: string;
  readonly fd: FileDescriptor;

  /**
   * Loads a program.
   *
   * @param spec what the object says about it
   * @param instructions its instructions with every relocation applied
   * @param license the object's license
   * @param btf the object's BTF in the kernel
   * @param attachBtfId id of the kernel's type that it attaches to, 0 if it needs none
   * @throws {ProgramLoadError} if the kernel refuses, with the verifier's reason
   */
  constructor(
    spec: ProgramSpec,
    instructions: Instructions,
    license: string,
    btf: FileDescriptor,
    attachBtfId: number,
  ) {
    this.name = spec.name;
    this.attach = spec.attach;
    this.target = spec.target;
    const attributes = loadAttributes(spec, instructions, license, btf, attachBtfId);
    const action = `load program ${spec.name}`;
    try {
      this.fd = bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, attributes, action);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      const log = readKernelLog((log_buf) => {
        const withLog = { ...attributes, log_level: 1, log_size: log_buf.length, log_buf };
        return bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, withLog, action);
      });
      throw new ProgramLoadError(spec.name, error, log, instructions.missing);
    }
  }

  /** Attaches the program to what its section name says. */
  link(): BpfLink {
    return attachProgram(this);
  }

  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
