/**
 * A kernel with modules of our own, whose types have the same names: what `tests/objects/module_twins.bpf.c` asks
 * for.
 *
 * @module
 */
import { BtfBuilder } from "../../src/elf/btf/testing_btf.ts";
import type { TargetBtf } from "./target_btf.ts";

/** Where a module has its fields, in bits, and what else differs between the two. */
interface Twin {
  readonly field: number;
  readonly size: number;
  readonly other: number;
  readonly hasField: boolean;
  readonly isUnion: boolean;
}

/** By the names of the modules. */
const TWINS: Readonly<Record<string, Twin>> = {
  first: { field: 64, size: 16, other: 7, hasField: true, isUnion: false },
  second: { field: 96, size: 16, other: 9, hasField: false, isUnion: true },
};

function module(kernel: BtfBuilder, int: number, twin: Twin): BtfBuilder {
  const btf = new BtfBuilder(kernel);
  btf.struct("twin_same", 8, [["field", int, 32]]);
  btf.struct("twin_moved", twin.size, [["same", int, 0], ["field", int, twin.field]]);
  btf.struct("twin_partly", 12, [[twin.hasField ? "field" : "another", int, 64]]);
  btf.struct("twin_of_kernel", 16, [["field", int, 96]]);
  btf.enumeration("twin_enum", [["TWIN_SAME", 5], ["TWIN_OTHER", twin.other]]);
  const field = [["field", int, 0]] as const;
  if (twin.isUnion) btf.union("twin_kind", 4, field);
  else btf.struct("twin_kind", 4, field);
  btf.function("twin_function", btf.prototype(int, [int]));
  if (!twin.hasField) btf.function("lone_function", btf.prototype(int, []));
  return btf;
}

/**
 * The kernel and its modules.
 *
 * @param parent where to put the files
 */
export async function moduleLayoutBtf(parent: string): Promise<TargetBtf> {
  const folder = `${parent}/modules`;
  await Deno.mkdir(folder);
  const kernel = new BtfBuilder();
  const int = kernel.int("int", 4, { signed: true });
  kernel.struct("twin_of_kernel", 8, [["field", int, 32]]);
  await Deno.writeFile(`${folder}/vmlinux`, kernel.build());
  for (const [name, twin] of Object.entries(TWINS)) {
    await Deno.writeFile(`${folder}/${name}`, module(kernel, int, twin).build());
  }
  return { name: "modules of our own", folder, plainFolder: folder };
}
