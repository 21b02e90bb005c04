/** Numbers of system calls in the sources against the headers of the C library. */
import assert from "node:assert/strict";
import { SECCOMP_RULES, syscallNumbers } from "../../src/syscall/mod.ts";
import { output } from "../support/child.ts";
import { needs } from "../support/needs.ts";

/** For each architecture the header with its numbers; arm64 has the generic ones. */
const HEADERS = { x86_64: "asm/unistd_64.h", aarch64: "asm-generic/unistd.h" } as const;

/** The numbers that a header defines, by the calls' names. */
async function numbersOf(header: string): Promise<ReadonlyMap<string, number>> {
  // arch/arm64/include/uapi/asm/unistd.h asks the generic header for it.
  const args = ["-E", "-dM", "-D__ARCH_WANT_RENAMEAT", "-x", "c", "-include", header, "/dev/null"];
  const { code, stdout, stderr } = await output("cc", ...args);
  assert.equal(code, 0, stderr);
  const lines = stdout.matchAll(/^#define __NR(?:3264)?_(\w+) (\d+)$/gm);
  return new Map([...lines].map(([, name, number]) => [name!, Number(number)]));
}

const ARCHITECTURES = Object.keys(HEADERS) as (keyof typeof HEADERS)[];

for (const [column, architecture] of ARCHITECTURES.entries()) {
  Deno.test(needs(["cc"], `system calls of ${architecture} have the numbers of its header`, async () => {
    const numbers = await numbersOf(HEADERS[architecture]);
    assert.ok(numbers.size > 250);
    const ours = [
      ...Object.entries(syscallNumbers(architecture)),
      ...Object.entries(SECCOMP_RULES).map(([name, rule]) => [name, rule[column as 0 | 1]] as const),
    ];
    // Calls that are newer than the header cannot be compared.
    const highest = Math.max(...numbers.values());
    for (const [name, number] of ours) {
      if (number === undefined || number <= highest) assert.equal(number, numbers.get(name), name);
    }
  }));
}
