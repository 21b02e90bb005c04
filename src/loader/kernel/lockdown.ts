/** The kernel's lockdown mode. @module */
import { readTextFile, SyscallError } from "../../syscall/mod.ts";

/** `none`, `integrity` or `confidentiality`; undefined where the kernel does not show it (`man 7 kernel_lockdown`). */
export function lockdownMode(): string | undefined {
  try {
    return readTextFile("/sys/kernel/security/lockdown").match(/\[(\w+)\]/)?.[1];
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}
