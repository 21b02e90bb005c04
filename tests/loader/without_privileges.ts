/**
 * What the loader says to somebody without privileges: as a program of its own, gives up all capabilities, tries
 * to use an object, and prints the errors as JSON.
 *
 * @module
 */
import { BtfKind } from "../../src/elf/mod.ts";
import { BpfObject, hasHelper, knowsBtfKind } from "../../src/loader/mod.ts";
import { setCapabilities } from "../../src/syscall/mod.ts";

function messageOf(action: () => unknown): string {
  try {
    return String(action());
  } catch (error) {
    return String(error);
  }
}

const [path, map, program] = Deno.args;
setCapabilities(0n);
using object = new BpfObject(await Deno.readFile(path!));
console.log(JSON.stringify([
  messageOf(() => object.map(map!)),
  messageOf(() => object.program(program!)),
  messageOf(() => hasHelper(1)),
  messageOf(() => knowsBtfKind(BtfKind.FLOAT)),
]));
