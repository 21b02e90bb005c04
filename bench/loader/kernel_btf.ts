/**
 * Prints the milliseconds for the first use of the kernel's BTF: engine made, file opened and scanned.
 *
 * @module
 */
import { parseObject } from "../../src/elf/mod.ts";
import { KernelTypes } from "../../src/loader/btf/kernel_types.ts";
import { processId } from "../../src/syscall/mod.ts";

const spec = parseObject(Deno.readFileSync(Deno.args[0]!));
// libc is open when the first program is loaded.
processId();
const start = performance.now();
new KernelTypes(spec, {});
console.log(performance.now() - start);
