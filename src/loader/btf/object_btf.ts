/** An object's BTF in the kernel. @module */
import { btfForKernel, mendedBtf, type ObjectSpec } from "../../elf/mod.ts";
import { BpfCommand, bpfOpen, BTF_LOAD_ATTR, type FileDescriptor, SyscallError } from "../../syscall/mod.ts";
import { BtfLoadError, ProbeError } from "../errors.ts";
import { knowsBtfKind } from "../kernel/features.ts";
import { readKernelLog } from "../kernel_log.ts";
import { findBtfReason } from "./log.ts";

/**
 * An object's BTF in the kernel, or why it is not there: most maps and programs do without, as with libbpf, and
 * errors of the others say that it is missing.
 */
export type ObjectBtf = FileDescriptor | BtfLoadError;

const ACTION = "load the object's BTF";

function load(btf: Uint8Array<ArrayBuffer>): FileDescriptor {
  return bpfOpen(BpfCommand.BTF_LOAD, BTF_LOAD_ATTR, { btf, btf_size: btf.length }, ACTION);
}

function readLog(btf: Uint8Array<ArrayBuffer>): string {
  const { text } = readKernelLog((btf_log_buf) => {
    const log = { btf_log_level: 1, btf_log_size: btf_log_buf.length, btf_log_buf };
    return bpfOpen(BpfCommand.BTF_LOAD, BTF_LOAD_ATTR, { btf, btf_size: btf.length, ...log }, ACTION);
  });
  return text;
}

/** Loads BTF that the kernel refuses as it is, if what is wrong with it can be mended. */
function loadMended(btf: Uint8Array<ArrayBuffer>): FileDescriptor | undefined {
  const mended = mendedBtf(btf);
  if (mended === undefined) return undefined;
  try {
    return load(mended);
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

/**
 * Loads an object's BTF into the kernel: as libbpf does, and else mended.
 *
 * @param object the object, whose `.BTF` section is completed
 */
export function loadBtf({ btf, externs, hidden }: ObjectSpec): ObjectBtf {
  let image: Uint8Array<ArrayBuffer> | undefined;
  try {
    image = btfForKernel(btf, externs, hidden, knowsBtfKind);
    return load(image);
  } catch (error) {
    if (error instanceof ProbeError) return new BtfLoadError(error.cause, "");
    if (!(error instanceof SyscallError) || image === undefined) throw error;
    const mended = loadMended(image);
    if (mended !== undefined) return mended;
    const log = readLog(image);
    return new BtfLoadError(error, log, findBtfReason(log, btf));
  }
}
