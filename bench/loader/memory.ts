/**
 * Attaches programs and prints bytes of heap and external memory, and of the resident set, which holds the
 * engine's memory, too: before, with the kernel's BTF, without it.
 *
 * @module
 */
import { BpfObject } from "../../src/loader/mod.ts";
import { settingsFrom } from "./settings.ts";

const { gc } = globalThis as unknown as { gc: () => void };

function inUse(): number[] {
  // What the first collection finalizes is freed by the second.
  gc();
  gc();
  const { heapUsed, external, rss } = Deno.memoryUsage();
  return [heapUsed + external, rss];
}

const [path, ...words] = Deno.args;
const bytes = Deno.readFileSync(path!);
const { options, programs } = settingsFrom(words);
const before = inUse();
using object = new BpfObject(bytes, options);
for (const name of programs) object.attach(name);
const loaded = inUse();
object.releaseKernelBtf();
const after = inUse();
console.log([before, loaded, after].flat().join(" "));
