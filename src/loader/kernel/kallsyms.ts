/** Addresses of the kernel's symbols. @module */
import { ObjectError } from "../../elf/mod.ts";
import { readTextFile } from "../../syscall/mod.ts";

/**
 * Looks symbols up in `/proc/kallsyms`, all in one reading.
 *
 * @param names the symbols
 * @returns addresses by names; 0 where the kernel does not tell (`kernel.kptr_restrict`)
 * @throws {ObjectError} if a name has several addresses
 */
export function symbolAddresses(names: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  // One search for all names: there are more than 100,000 lines, and a string for each would take most of a second.
  const lines = new RegExp(`^(\\w+) \\S (${names.map(RegExp.escape).join("|")})(?=[ \\t]|$)`, "gm");
  for (const [, address, name = ""] of readTextFile("/proc/kallsyms").matchAll(lines)) {
    const value = BigInt(`0x${address}`);
    if (found.has(name) && found.get(name) !== value) {
      throw new ObjectError(".ksyms", 0, `several symbols of the kernel are called ${name}`);
    }
    found.set(name, value);
  }
  return found;
}
