/**
 * Prints the milliseconds for the first use of the kernel's BTF: the engine made, the file opened, scanned.
 *
 * @module
 */
import { CoreEngine, parseObject, wantRelocatedTypes } from "../../src/elf/mod.ts";
import { openKernelBtf } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";

const spec = parseObject(Deno.readFileSync(Deno.args[0]!));
// libc is there when the first program is loaded.
processId();
const start = performance.now();
const engine = new CoreEngine(spec.btfBytes);
wantRelocatedTypes(engine, spec.programs);
const made = performance.now();
openKernelBtf(engine);
console.log(`${made - start} ${performance.now() - made}`);
