/**
 * What this loader asks of the kernel, against what libbpf asks: BTF, maps, their initial values, programs.
 *
 * @module
 */
// Runs beside others.
import assert from "node:assert/strict";
import { BtfKind } from "../../src/elf/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileBpf, compileShared, compileWithLibbpf, type Variant } from "../support/compile.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { IS_NIGHT } from "../support/nightly.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import { LibbpfOracle } from "./ask_libbpf.ts";
import { OwnOracle } from "./ask_own.ts";
import { compare, type Difference } from "./compare.ts";
import { type Exception, exceptionFor, EXCEPTIONS } from "./exceptions.ts";
import { moduleLayoutBtf } from "./module_layout.ts";
import { loadedPrograms, type ObjectRecord, type ProgramRecord, Refusal } from "./records.ts";
import { layoutBtf, matrixBtf, RUNNING_BTF, type TargetBtf } from "./target_btf.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const EVERY_VARIANT: readonly Variant[] = (["1", "2"] as const).flatMap((level) =>
  (["v2", "v3", "v4"] as const).map((cpu) => ({ level, cpu }))
);

/** All of them at night; in the gate the oldest instructions as they are written, and the newest optimised. */
const VARIANTS = IS_NIGHT ? EVERY_VARIANT : [EVERY_VARIANT[0]!, EVERY_VARIANT.at(-1)!];

/** In the gate those of which the guests' tests fetch the kernels anyway. */
function isWanted(release: string, architecture: string): boolean {
  return IS_NIGHT || (architecture === "amd64" && ["5.10", "7.3"].includes(release));
}

const SUFFIX = ".bpf.c";

/** Differences that are shown at most. */
const SHOWN = 20;

/** Which targets make a difference to an object. */
type Scope = "running" | "kernels" | "modules" | "all";

/** Of the objects that no entry names, kernels have what they ask for, and layouts do not. */
const SCOPES: Readonly<Record<string, Scope>> = {
  addresses: "running",
  answer: "running",
  cpu_clock: "running",
  data: "running",
  halves: "running",
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
  module_twins: "modules",
  places: "running",
  places_newer: "running",
  replace: "running",
  refused_btf: "running",
  ring: "running",
  sections: "running",
  shrunk: "running",
  static_program: "running",
  arrays: "all",
  bitfields: "all",
  enums: "all",
  invalid: "all",
  sizes: "all",
  types: "all",
  uprobe: "running",
};

/** Every object of the tests, and the project's own. */
function sources(): { name: string; path: string }[] {
  return ["bpf", "tests/objects"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, ROOT))]
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map(({ name }) => ({ name: name.slice(0, -SUFFIX.length), path: `${folder}/${name}` }))
  );
}

/** Works on all items, on as many at once as there are processors, which take them from one queue. */
async function share<T>(items: readonly T[], work: (queue: Iterable<T>) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, () => work(queue)));
}

/** An object, compiled. */
interface Compiled {
  readonly name: string;
  readonly path: string;
  readonly variant: Variant;
}

/**
 * The kinds of BTF types that kernels know: ENUM64 since 6.0, TYPE_TAG since 5.17, DECL_TAG since 5.16, FLOAT since
 * 5.13, DATASEC before 5.10. Each but the newest has one object of each source, for one target.
 */
const NEWEST_KINDS = [BtfKind.ENUM64, BtfKind.TYPE_TAG, BtfKind.DECL_TAG, BtfKind.FLOAT, BtfKind.DATASEC];

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
  await share(compiled, async (queue) => {
    for (const { source, path, variant } of queue) await compileBpf(source, path, variant);
  });
  return compiled;
}

/** How much has been compared. */
class Tally {
  programs = 0;
  functions = 0;
  lines = 0;
  refusals = 0;
  maps = 0;
  btfs = 0;

  #addProgram({ functions, lines }: ProgramRecord): void {
    this.programs++;
    this.functions += functions.length;
    this.lines += lines.length;
  }

  add(record: ObjectRecord | Refusal): void {
    if (record instanceof Refusal) {
      this.refusals++;
      return;
    }
    const loaded = loadedPrograms(record);
    for (const program of loaded) this.#addProgram(program);
    this.refusals += record.programs.size - loaded.length;
    this.maps += record.maps?.size ?? 0;
    // All programs of an object have the same.
    if (loaded.length > 0) this.btfs++;
  }
}

/** An object, what it is loaded for, and what came of it. */
interface Case {
  readonly object: Compiled;
  readonly target: TargetBtf;
}

/** Both loaders, what has been compared of what they do, and where they differ. */
class Comparison {
  readonly tally = new Tally();
  readonly differences: unknown[] = [];
  readonly usedExceptions = new Set<Exception>();
  readonly #libbpf: string;
  readonly #kernel: string;

  /**
   * @param libbpf path of `tests/oracle/oracle.c`, compiled
   * @param kernel path of `tests/oracle/kernel.c`, compiled
   */
  constructor(libbpf: string, kernel: string) {
    this.#libbpf = libbpf;
    this.#kernel = kernel;
  }

  #judge(object: string, circumstances: object, difference: Difference): void {
    const exception = exceptionFor(difference);
    if (exception === undefined) this.differences.push({ object, ...circumstances, ...difference });
    else this.usedExceptions.add(exception);
  }

  /** Loads objects with both, on a kernel that knows kinds of types up to one. */
  async compare(cases: readonly Case[], newestKind: number): Promise<void> {
    const libbpf = new LibbpfOracle(this.#libbpf);
    await share(cases, async (queue) => {
      await using own = new OwnOracle(this.#kernel, newestKind);
      for (const { object: { name, path }, target } of queue) {
        const expected = await libbpf.record(path, target.plainFolder, newestKind);
        // libbpf had to leave out what it refuses before it could load the others.
        const alone = expected instanceof Refusal
          ? []
          : [...expected.programs].flatMap(([name, program]) => program instanceof Refusal ? [name] : []);
        const actual = await own.record({ object: path, btfFolder: target.folder, alone });
        const circumstances = { target: target.name, newestKind };
        for (const difference of compare(name, expected, actual)) {
          this.#judge(path, circumstances, difference);
        }
        this.tally.add(expected);
      }
    });
  }
}

Deno.test(
  needs(
    ["root", "btf", "libbpf", "clang", "apt"],
    "objects are loaded as libbpf loads them, for the kernels of the matrix and for layouts of our own",
    async () => {
      await using directory = await temporaryDirectory();
      const [libbpf, kernel] = [directory.file("oracle"), directory.file("kernel.so")];
      await compileWithLibbpf(["tests/oracle/oracle.c", "tests/oracle/kernel.c"], libbpf);
      await compileShared("tests/oracle/kernel.c", kernel);
      const [matrix, objects] = await Promise.all([matrixBtf(isWanted), compileAll(directory.path)]);
      const kernels = [RUNNING_BTF, ...matrix];
      const layouts = await layoutBtf(directory.path);
      const modules = await moduleLayoutBtf(directory.path);
      const targets: Readonly<Record<Scope, readonly TargetBtf[]>> = {
        running: [RUNNING_BTF],
        kernels,
        modules: [modules],
        all: [...kernels, ...layouts],
      };
      const comparison = new Comparison(libbpf, kernel);
      for (const newestKind of NEWEST_KINDS) {
        const cases = newestKind === NEWEST_KINDS[0]
          ? objects.flatMap((object) =>
            targets[SCOPES[object.name] ?? "kernels"].map((target) => ({ object, target }))
          )
          : objects.filter(({ variant }) => variant === VARIANTS[0])
            .map((object) => ({ object, target: RUNNING_BTF }));
        await comparison.compare(cases, newestKind);
      }
      const { tally, differences, usedExceptions } = comparison;
      console.log(
        `compared ${tally.programs} programs with ${tally.functions} functions and ${tally.lines} lines, ` +
          `${tally.refusals} refusals, ${tally.maps} maps and the BTF of ${tally.btfs} loads, ` +
          `of ${objects.length} objects with ${new Set(Object.values(targets).flat()).size} target BTFs`,
      );
      assert.deepEqual(differences.slice(0, SHOWN), [], `${differences.length} differences; the first:`);
      const unused = EXCEPTIONS.filter((exception) => !usedExceptions.has(exception));
      assert.deepEqual(unused, [], "an exception is none any more: remove it");
    },
  ),
);
