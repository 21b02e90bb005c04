/**
 * What this loader asks of the kernel, against what libbpf asks: maps, their initial values, programs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { processId } from "../src/syscall/mod.ts";
import { compileBpf, compileWithLibbpf, type Variant } from "./support/compile.ts";
import { ROOT } from "./support/ktm.ts";
import { needs } from "./support/needs.ts";
import { compare } from "./support/oracle_compare.ts";
import { type Exception, exceptionFor, EXCEPTIONS } from "./support/oracle_exceptions.ts";
import { LibbpfOracle } from "./support/oracle_libbpf.ts";
import { recordOwn } from "./support/oracle_own.ts";
import { type ObjectRecord, Refusal } from "./support/oracle_records.ts";
import { layoutBtf, matrixBtf, RUNNING_BTF, type TargetBtf } from "./support/target_btf.ts";
import { temporaryDirectory } from "./support/temp_dir.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const VARIANTS: readonly Variant[] = (["1", "2"] as const).flatMap((level) =>
  (["v2", "v3", "v4"] as const).map((cpu) => ({ level, cpu }))
);

const SUFFIX = ".bpf.c";

/** Which targets make a difference to an object. */
type Scope = "running" | "kernels" | "all";

/** Of the objects that no entry names, kernels have what they ask for, and layouts do not. */
const SCOPES: Readonly<Record<string, Scope>> = {
  addresses: "running",
  data: "running",
  kconfig: "running",
  kconfig_bool_for_number: "running",
  kconfig_number_for_text: "running",
  kconfig_overflow: "running",
  kconfig_text_for_number: "running",
  kconfig_wrong_type: "running",
  legacy_maps: "running",
  map_values: "running",
  maps: "running",
  maps_rare: "running",
  missing_address: "running",
  missing_setting: "running",
  missing_subprogram: "running",
  refused_btf: "running",
  sections: "running",
  shrunk: "running",
  static_program: "running",
  arrays: "all",
  bitfields: "all",
  enums: "all",
  invalid: "all",
  sizes: "all",
  types: "all",
};

/** Every object of the tests, and the project's own. */
function sources(): { name: string; path: string }[] {
  return ["bpf", "tests/objects"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, ROOT))]
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map(({ name }) => ({ name: name.slice(0, -SUFFIX.length), path: `${folder}/${name}` }))
  );
}

/** Works on all items, on as many at once as there are processors. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
}

/** An object, compiled. */
interface Compiled {
  readonly name: string;
  readonly path: string;
}

async function compileAll(folder: string): Promise<Compiled[]> {
  const compiled = sources().flatMap(({ name, path: source }) =>
    VARIANTS.map((variant) => ({
      name,
      source,
      variant,
      path: `${folder}/${variant.level}${variant.cpu}/${name}.bpf.o`,
    }))
  );
  for (const { level, cpu } of VARIANTS) await Deno.mkdir(`${folder}/${level}${cpu}`);
  await forEach(compiled, ({ source, path, variant }) => compileBpf(source, path, variant));
  return compiled;
}

/** How much has been compared. */
class Tally {
  programs = 0;
  refusals = 0;
  maps = 0;

  add(record: ObjectRecord | Refusal): void {
    if (record instanceof Refusal) {
      this.refusals++;
      return;
    }
    for (const program of record.programs.values()) {
      if (program instanceof Refusal) this.refusals++;
      else this.programs++;
    }
    this.maps += record.maps?.size ?? 0;
  }
}

Deno.test(
  needs(
    ["root", "btf", "libbpf", "clang", "apt"],
    "objects are loaded as libbpf loads them, for the kernels of the matrix and for layouts of our own",
    async () => {
      await using directory = await temporaryDirectory();
      const program = directory.file("oracle");
      await compileWithLibbpf("tests/oracle/oracle.c", program);
      const oracle = new LibbpfOracle(program);
      const kernels = [RUNNING_BTF, ...await matrixBtf()];
      const targets: Readonly<Record<Scope, readonly TargetBtf[]>> = {
        running: [RUNNING_BTF],
        kernels,
        all: [...kernels, ...await layoutBtf(directory.path)],
      };
      const objects = await compileAll(directory.path);
      const tally = new Tally();
      const differences: unknown[] = [];
      const used = new Set<Exception>();
      const pairs = objects.flatMap((object) =>
        targets[SCOPES[object.name] ?? "kernels"].map((target) => ({ object, target }))
      );
      await forEach(pairs, async ({ object: { name, path }, target }) => {
        const expected = await oracle.record(path, target.plainPath);
        const programs = expected instanceof Refusal ? undefined : expected.programs;
        // libbpf had to leave out what it refuses before it could load the others.
        const isAlone = (program: string) => programs?.get(program) instanceof Refusal;
        const own = recordOwn(await Deno.readFile(path), target.path, isAlone);
        for (const difference of compare(name, expected, own)) {
          const exception = exceptionFor(difference);
          if (exception === undefined) {
            differences.push({
              for: target.name,
              object: path.slice(directory.path.length + 1),
              ...difference,
            });
          } else {
            used.add(exception);
          }
        }
        tally.add(expected);
      });
      console.log(
        `compared ${tally.programs} programs, ${tally.refusals} refusals and ${tally.maps} maps ` +
          `of ${objects.length} objects with ${targets.all.length} target BTFs`,
      );
      assert.deepEqual(differences, []);
      const unused = EXCEPTIONS.filter((exception) => !used.has(exception));
      assert.deepEqual(unused, [], "an exception is none any more: remove it");
    },
  ),
);
