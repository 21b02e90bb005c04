/** What the kernel tells of a program's functions. @module */
import { BtfKind, parseBtf } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfInfo,
  bpfOpen,
  BTF_INFO,
  type FileDescriptor,
  ID_ATTR,
  PROG_INFO,
  readField,
} from "../../syscall/mod.ts";

/** A BTF object's bytes, which are asked for after their number. */
function btfBytes(btf: FileDescriptor, action: string): Uint8Array<ArrayBuffer> {
  const size = readField(bpfInfo(btf, BTF_INFO, {}, action), BTF_INFO.btf_size);
  const bytes = new Uint8Array(new ArrayBuffer(Number(size)));
  bpfInfo(btf, BTF_INFO, { btf: bytes, btf_size: bytes.length }, action);
  return bytes;
}

/**
 * The id of a function in the BTF of a program in the kernel.
 *
 * @param program the program
 * @param name its name, for errors
 * @param func the function's name
 * @returns 0 if the program has no such function
 * @throws {SyscallError} if the kernel refuses: it takes CAP_SYS_ADMIN
 */
export function programFunction(program: FileDescriptor, name: string, func: string): number {
  const action = `read the functions of program ${name}`;
  const id = Number(readField(bpfInfo(program, PROG_INFO, {}, action), PROG_INFO.btf_id));
  if (id === 0) return 0;
  using btf = bpfOpen(BpfCommand.BTF_GET_FD_BY_ID, ID_ATTR, { id }, action);
  const { types } = parseBtf(btfBytes(btf, action));
  return Math.max(0, types.findIndex((type) => type.kind === BtfKind.FUNC && type.name === func));
}
