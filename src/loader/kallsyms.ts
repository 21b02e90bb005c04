/** Addresses of the kernel's symbols. @module */
import { ObjectError } from "../elf/mod.ts";
import { readTextFile } from "../syscall/mod.ts";

/**
 * Looks symbols up in `/proc/kallsyms`, all in one reading.
 *
 * @param names the symbols
 * @returns addresses by names; 0 where the kernel does not tell (`kernel.kptr_restrict`)
 * @throws {ObjectError} if a name has several addresses
 */
export function symbolAddresses(names: readonly string[]): ReadonlyMap<string, bigint> {
  const wanted = new Set(names);
  const found = new Map<string, bigint>();
  for (const line of readTextFile("/proc/kallsyms").split("\n")) {
    const [address, , name = ""] = line.split(/[ \t]/, 3);
    if (!wanted.has(name)) continue;
    const value = BigInt(`0x${address}`);
    if (found.has(name) && found.get(name) !== value) {
      throw new ObjectError(".ksyms", 0, `several symbols of the kernel are called ${name}`);
    }
    found.set(name, value);
  }
  return found;
}
