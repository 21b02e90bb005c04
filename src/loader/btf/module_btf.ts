/** BTF of the kernel's modules. @module */
import type { CoreEngine } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfInfo,
  bpfOpen,
  bpfReply,
  BTF_INFO,
  Errno,
  type FileDescriptor,
  ID_ATTR,
  isErrno,
  readDirectory,
  readField,
  readFile,
  textBeforeNul,
} from "../../syscall/mod.ts";

/** Where the kernel shows its own BTF and that of its modules (CONFIG_DEBUG_INFO_BTF_MODULES, 5.11). */
const FOLDER = "/sys/kernel/btf";

/** Names of the modules whose BTF the kernel shows. */
export function moduleNames(): string[] {
  return readDirectory(FOLDER).filter((name) => name !== "vmlinux").sort();
}

/** Opens the BTF of a module in an engine; one that has gone since counts as empty. */
export function openModuleBtf(engine: CoreEngine, name: string): void {
  const bytes = readFile(`${FOLDER}/${name}`);
  engine.openModule(name, bytes.length, (buffer) => buffer.set(bytes));
}

/** MODULE_NAME_LEN of Linux, on all 64-bit machines. */
const MODULE_NAME_SIZE = 56;

/** Name of a BTF object in the kernel; empty if it is a program's. */
function kernelBtfName(btf: FileDescriptor): string {
  const name = new Uint8Array(new ArrayBuffer(MODULE_NAME_SIZE));
  const values = { name, name_len: name.length, kernel_btf: 0 };
  const info = bpfInfo(btf, BTF_INFO, values, "read the name of a BTF object");
  return readField(info, BTF_INFO.kernel_btf) !== 0n ? textBeforeNul(name) : "";
}

/** The ids of all BTF objects in the kernel. */
function* btfIds(): Generator<number> {
  for (let id = 0;;) {
    const { attr, errno } = bpfReply(BpfCommand.BTF_GET_NEXT_ID, ID_ATTR, { id }, "list BTF objects", [
      Errno.ENOENT,
    ]);
    if (errno !== 0) return;
    yield id = attr.getUint32(ID_ATTR.next_id[0], true);
  }
}

/**
 * Opens a module's BTF object, for programs that use its types.
 *
 * @throws {SyscallError} if the kernel refuses: it takes CAP_SYS_ADMIN
 * @throws {Error} if the module has gone
 */
export function moduleBtfDescriptor(module: string): FileDescriptor {
  for (const id of btfIds()) {
    let fd: FileDescriptor;
    try {
      fd = bpfOpen(BpfCommand.BTF_GET_FD_BY_ID, ID_ATTR, { id }, `open the BTF of module ${module}`);
    } catch (error) {
      // It went away between the two calls.
      if (isErrno(error, Errno.ENOENT)) continue;
      throw error;
    }
    if (kernelBtfName(fd) === module) return fd;
    fd.close();
  }
  throw new Error(`Cannot open the BTF of module ${module}: it is not loaded any more`);
}
