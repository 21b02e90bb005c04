/** The running kernel's BTF. @module */
import type { CoreEngine } from "../../elf/mod.ts";
import { copyMapped, Errno, isErrno, openFile, readInto, stat } from "../../syscall/mod.ts";

/** Where the kernel shows its own BTF (CONFIG_DEBUG_INFO_BTF). */
export const VMLINUX_BTF = "/sys/kernel/btf/vmlinux";

/** What to do where it is missing. */
export const BTF_REMEDY = "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, and mount /sys";

/**
 * Reads a BTF file right into an engine's memory: mapped where the kernel allows that, else read.
 *
 * @param path the file
 * @throws {Error} if it cannot be read, or is not BTF
 */
export function openKernelBtf(engine: CoreEngine, path: string = VMLINUX_BTF): void {
  let size: number;
  try {
    size = Number(stat(path).size);
  } catch (cause) {
    if (!isErrno(cause, Errno.ENOENT)) throw cause;
    throw new Error(
      path === VMLINUX_BTF
        ? `Cannot find the kernel's BTF in ${path}: ${BTF_REMEDY}`
        : `Cannot find the target's BTF: there is no file ${path}`,
      { cause },
    );
  }
  using fd = openFile(path);
  engine.openTarget(path, size, (buffer) => {
    if (!copyMapped(fd, size, buffer)) readInto(fd, buffer, path);
  });
}
