/** The import direction: which folder of src may import which, and who may talk to the operating system. */
import assert from "node:assert/strict";

const SOURCES = new URL("../src/", import.meta.url);

/** What every folder that watches may import; they do not know each other. */
const BELOW_COLLECTOR = ["loader", "elf", "syscall", "runtime", "metrics"];

/** What modules are built on. */
const BELOW_MODULES = [...BELOW_COLLECTOR, "discovery", "programs", "target"];

const BELOW_SIDECAR = [...BELOW_MODULES, "collector", "recorder", "exporter", "diagnosis"];

interface Layer {
  /** The folder, or a file right under src. */
  readonly name: string;
  /** What it may import beside itself. */
  readonly below: readonly string[];
  /** Values in, values out: it does not mention Deno. */
  readonly pure?: boolean;
}

const LAYERS: readonly Layer[] = [
  { name: "syscall", below: [] },
  // What is particular to Deno and V8.
  { name: "runtime", below: ["syscall", "metrics"] },
  { name: "elf", below: [], pure: true },
  { name: "metrics", below: [], pure: true },
  { name: "loader", below: ["elf", "syscall"] },
  { name: "programs", below: BELOW_COLLECTOR },
  { name: "target", below: [...BELOW_COLLECTOR, "discovery", "programs"] },
  { name: "collector", below: BELOW_MODULES },
  // A module: one folder under src/collector.
  { name: "collector/*", below: [...BELOW_MODULES, "collector"] },
  { name: "discovery", below: BELOW_COLLECTOR },
  { name: "recorder", below: BELOW_COLLECTOR },
  { name: "exporter", below: ["metrics"], pure: true },
  { name: "diagnosis", below: ["metrics"], pure: true },
  { name: "top", below: ["metrics"], pure: true },
  { name: "sidecar", below: BELOW_SIDECAR },
  { name: "cli", below: [...BELOW_SIDECAR, "sidecar", "top"] },
  { name: "main.ts", below: ["cli", "runtime"] },
  { name: "agent.ts", below: BELOW_SIDECAR },
  { name: "mod.ts", below: [...BELOW_SIDECAR, "sidecar"] },
];

/** The only folder that opens shared libraries. */
const FFI_FOLDER = "syscall";

/** `collector/iomonitor/probe.ts` belongs to `collector/*`, `collector/loop.ts` to `collector`. */
function layerOf(file: string): Layer {
  const [folder, ...rest] = file.split("/");
  const layer = LAYERS.find(({ name }) => name === `${folder}/*` && rest.length > 1) ??
    LAYERS.find(({ name }) => name === folder);
  assert(layer, `src/${file} is in no layer: add ${folder} to the table`);
  return layer;
}

/** The source without the lines of comments, which may show imports of their own. */
function code(source: string): string {
  return source.split("\n").filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line)).join("\n");
}

/** The files under src that a file imports, also dynamically and for types alone. */
function importsOf(file: string, source: string): string[] {
  const specifiers = code(source).matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...specifiers]
    .map(([, specifier]) => new URL(specifier!, new URL(file, SOURCES)).href)
    .filter((href) => href.startsWith(SOURCES.href))
    .map((href) => href.slice(SOURCES.href.length));
}

/** What is wrong with the file's place in the house, one line each. */
function violations(file: string, source: string): string[] {
  const layer = layerOf(file);
  const isTest = file.endsWith("_test.ts");
  const top = layer.name.split("/")[0]!;
  const arrows = importsOf(file, source)
    .filter((target) => {
      const folder = target.split("/")[0]!;
      return folder !== top && !layer.below.includes(folder);
    })
    .map((target) => `src/${file} imports src/${target}: ${layer.name} is not above it`);
  const rules = [
    { broken: layer.pure && !isTest && /\bDeno\./.test(code(source)), why: `${layer.name} does no I/O` },
    {
      broken: top !== FFI_FOLDER && /\bdlopen\b/.test(code(source)),
      why: `only ${FFI_FOLDER} opens libraries`,
    },
  ];
  return [...arrows, ...rules.filter(({ broken }) => broken).map(({ why }) => `src/${file}: ${why}`)];
}

async function* sourceFiles(folder = ""): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, SOURCES))) {
    if (entry.isDirectory) yield* sourceFiles(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".ts")) yield folder + entry.name;
  }
}

Deno.test("every import under src points down", async () => {
  const found: string[] = [];
  for await (const file of sourceFiles()) {
    found.push(...violations(file, await Deno.readTextFile(new URL(file, SOURCES))));
  }
  assert.deepEqual(found, []);
});

Deno.test("the agent loads nothing that only the library has", async () => {
  const readImports = async (file: string) =>
    importsOf(file, await Deno.readTextFile(new URL(file, SOURCES))).filter((name) => name.endsWith(".ts"));
  const own = (await readImports("mod.ts")).filter((file) => !file.endsWith("/mod.ts"));
  assert.ok(own.length > 0);
  const loaded = new Set(["main.ts"]);
  for (const file of loaded) for (const imported of await readImports(file)) loaded.add(imported);
  assert.ok(loaded.has("loader/bpf_object.ts"));
  assert.deepEqual(own.filter((file) => loaded.has(file)), []);
});

Deno.test("violations() finds an import that points up or sideways, whatever its form", () => {
  const wrong: [string, string][] = [
    ["elf/reader.ts", 'import { openFile } from "../syscall/mod.ts";'],
    ["syscall/file.ts", 'import type { Elf } from "../elf/mod.ts";'],
    ["loader/maps.ts", 'export * from "../collector/mod.ts";'],
    ["collector/loop.ts", 'import { render } from "../exporter/mod.ts";'],
    ["programs/attach.ts", 'import { watch } from "../target/mod.ts";'],
    ["recorder/ring.ts", 'import {\n  render,\n} from "../exporter/mod.ts";'],
    ["exporter/text.ts", 'import { load } from "../loader/mod.ts";'],
    ["sidecar/run.ts", 'const { main } = await import("../cli/main.ts");'],
    ["cli/run.ts", 'import "../main.ts";'],
  ];
  for (const [file, source] of wrong) assert.equal(violations(file, source).length, 1, source);
});

Deno.test("violations() accepts imports that point down, and imports in comments", () => {
  const right: [string, string][] = [
    ["loader/maps.ts", 'import { Elf } from "../elf/mod.ts";\nimport { bpf } from "../syscall/mod.ts";'],
    ["collector/iomonitor/module.ts", 'import { find } from "../../discovery/mod.ts";'],
    ["collector/registry.ts", 'import { iomonitor } from "./iomonitor/module.ts";'],
    ["elf/reader.ts", '/**\n * import { x } from "../cli/main.ts";\n */\n// import "../cli/main.ts";'],
    ["cli/version.ts", 'import manifest from "../../deno.json" with { type: "json" };'],
  ];
  for (const [file, source] of right) assert.deepEqual(violations(file, source), [], source);
});

Deno.test("violations() finds I/O in a folder of values, and libraries opened outside of syscall", () => {
  const source = 'Deno.dlopen("libc.so.6", {});';
  assert.equal(violations("elf/reader.ts", "Deno.readTextFileSync(path);").length, 1);
  assert.deepEqual(violations("elf/reader_test.ts", 'Deno.test("reads", () => {});'), []);
  assert.equal(violations("sidecar/run.ts", source).length, 1);
  assert.deepEqual(violations("syscall/libc.ts", source), []);
});

Deno.test("violations() wants every folder to be in the table", () => {
  assert.throws(() => violations("attic/box.ts", ""), /src\/attic\/box\.ts is in no layer/);
});
