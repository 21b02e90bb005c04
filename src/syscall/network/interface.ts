/** Network interfaces of the calling thread's network namespace. @module */
import { readErrno, SyscallError } from "../errno.ts";
import { libc } from "../libc.ts";
import { cString } from "../memory.ts";

/**
 * The number of a network interface.
 *
 * @throws {SyscallError} if there is none of that name
 */
export function interfaceIndex(name: string): number {
  const index = libc().if_nametoindex(cString(name));
  if (index === 0) throw new SyscallError(`find network interface ${name}`, "if_nametoindex", readErrno());
  return index;
}
