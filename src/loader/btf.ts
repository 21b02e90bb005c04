/** An object's BTF in the kernel. @module */
import { BpfCommand, bpfOpen, BTF_LOAD_ATTR, type FileDescriptor, SyscallError } from "../syscall/mod.ts";
import { BtfLoadError } from "./errors.ts";
import { readKernelLog } from "./kernel_log.ts";

/**
 * Loads an object's BTF into the kernel.
 *
 * @param btf the `.BTF` section, completed
 * @throws {BtfLoadError} if the kernel refuses
 */
export function loadBtf(btf: Uint8Array<ArrayBuffer>): FileDescriptor {
  const attributes = { btf, btf_size: btf.length };
  const action = "load the object's BTF";
  try {
    return bpfOpen(BpfCommand.BTF_LOAD, BTF_LOAD_ATTR, attributes, action);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const log = readKernelLog((btf_log_buf) => {
      const withLog = { ...attributes, btf_log_level: 1, btf_log_size: btf_log_buf.length, btf_log_buf };
      return bpfOpen(BpfCommand.BTF_LOAD, BTF_LOAD_ATTR, withLog, action);
    });
    throw new BtfLoadError(error, log);
  }
}
