/**
 * Loads an object for each byte on standard input, and prints the milliseconds in all and in the kernel.
 *
 * @module
 */
import { BpfObject } from "../../src/loader/mod.ts";
import { timeSystemCalls } from "./kernel_time.ts";
import { settingsFrom } from "./settings.ts";

const [path, ...words] = Deno.args;
const bytes = Deno.readFileSync(path!);
const { options, programs } = settingsFrom(words);
const kernelTime = timeSystemCalls();

function load(): string {
  const before = kernelTime();
  const start = performance.now();
  using object = new BpfObject(bytes, options);
  for (const name of programs) object.program(name);
  object.releaseKernelBtf();
  return `${performance.now() - start} ${kernelTime() - before}`;
}

const input = new Uint8Array(1);
while (Deno.stdin.readSync(input) !== null) console.log(load());
