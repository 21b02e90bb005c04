/**
 * `deno task bench:loader`: our loader beside libbpf, as tables for docs/performance.md.
 *
 * What is compared runs in turns, so that what else the machine does strikes both sides alike.
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };
import iomonitor from "../bpf/iomonitor.bpf.o" with { type: "bytes" };
import { IOMONITOR } from "../src/collector/iomonitor/mod.ts";
import { openObject, openOptions, ProbeSession } from "../src/programs/mod.ts";
import { BpfObject } from "../src/loader/mod.ts";
import { kernelRelease } from "../src/syscall/mod.ts";
import { Child } from "../tests/support/child.ts";
import { ktmCommandLine, ROOT } from "../tests/support/ktm.ts";
import { temporaryDirectory } from "../tests/support/temp_dir.ts";
import { compile, numbers, OnDemand, run } from "./loader/programs.ts";
import { type Settings, wordsOf } from "./loader/settings.ts";
import { median, spread } from "./loader/statistics.ts";
import { table } from "./table.ts";

const WARM_UP = 5;
const WARM_ROUNDS = 60;
const COLD_ROUNDS = 20;
const WARM_UP_SECONDS = 5;
const TRACED_ROUNDS = 5;
const MIB = 1 << 20;
const OBJECT = `${ROOT.pathname}bpf/iomonitor.bpf.o`;
/** What both programs say when everything is attached. */
const ATTACHED = "Watching the target";
const TARGET_COMM = "ktm-bench";

/** The programs that this kernel can load, found by trying. */
function loadable(settings: Settings["options"]): string[] {
  using object = new BpfObject(iomonitor, settings);
  return object.spec.programs.map(({ name }) => name).filter((name) => {
    try {
      object.program(name);
      return true;
    } catch {
      return false;
    }
  });
}

/** The programs that ktm attaches on this kernel. */
function serving(): string[] {
  using session = new ProbeSession(IOMONITOR, openObject(IOMONITOR));
  return [...new Set(session.probes.flatMap(({ serving }) => serving?.programs ?? []))];
}

/** Milliseconds in all, in the kernel, and in the program itself. */
function loadRow(name: string, runs: readonly (readonly number[])[], target = ""): string[] {
  const [total, kernel] = [runs.map(([total]) => total!), runs.map(([, kernel]) => kernel!)];
  return [name, spread(total), spread(kernel), spread(total.map((ms, at) => ms - kernel[at]!)), target];
}

async function compareWarm(libbpf: string, words: readonly string[]): Promise<void> {
  const [, ...denoWords] = ktmCommandLine([]);
  const flags = denoWords.filter((word) => word.startsWith("--v8-flags"));
  await using ours = new OnDemand(Deno.execPath(), [
    "run",
    "-A",
    ...flags,
    "bench/loader/load.ts",
    OBJECT,
    ...words,
  ]);
  await using theirs = new OnDemand(libbpf, ["load", OBJECT, ...words]);
  const rounds: [ours: number[], theirs: number[]][] = [];
  for (let round = 0; round < WARM_UP + WARM_ROUNDS; round++) {
    rounds.push([await ours.run(), await theirs.run()]);
  }
  rounds.splice(0, WARM_UP);
  const ratios = rounds.map(([ours, theirs]) => ours[0]! / theirs[0]!);
  const programs = words.filter((word) => /^\w+$/.test(word)).length;
  console.log(`Open, CO-RE and load of ${programs} programs, warm; ms, ${WARM_ROUNDS} rounds:\n`);
  table(["loader", "total", "in the kernel", "in the program", "target"], [
    loadRow("KTM", rounds.map(([ours]) => ours)),
    loadRow("libbpf", rounds.map(([, theirs]) => theirs)),
    ["KTM / libbpf, by pairs", spread(ratios, 2), "", "", "1.5, goal 1.0"],
  ]);
}

/** Milliseconds in the system calls that load and attach, strace's own share included. */
async function kernelShare(
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const log = `${directory}/strace`;
  const filter = ["-f", "--seccomp-bpf", "-T", "-e", "trace=bpf,perf_event_open,ioctl"];
  await run("strace", [...filter, "-o", log, ...command], env);
  const times = [...(await Deno.readTextFile(log)).matchAll(/<([\d.]+)>$/gm)];
  return times.reduce((sum, [, seconds]) => sum + Number(seconds) * 1000, 0);
}

/**
 * A folder for Deno's cache, with the packages that it has already and nothing else: what a developer's machine has
 * gathered there of other programs takes time to search, which an operator's has not.
 */
async function makeCache(folder: string): Promise<void> {
  const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  await Deno.mkdir(folder);
  await Deno.symlink(npmCache, `${folder}/npm`);
}

/**
 * Bundles the program into a folder. As in the compiled program, what is imported late is a file of its own, and what is
 * imported as bytes stays as it is.
 */
async function makeBundle(folder: string): Promise<void> {
  const bytes = ["bpf/iomonitor.bpf.o", "bpf/processes.bpf.o", "src/elf/core.wasm"];
  const external = ["*.o", "*.wasm"].flatMap((pattern) => ["--external", pattern]);
  const bundling = ["bundle", "--quiet", "--platform", "deno", "--code-splitting", ...external];
  await run(Deno.execPath(), [...bundling, "--outdir", folder, "src/main.ts"]);
  for (const path of bytes) await Deno.copyFile(new URL(path, ROOT), `${folder}/${path.split("/").at(-1)}`);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".js")) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    // Where the file was is not where the bundle is.
    const moved = text.replaceAll(/ from "[^"]*\/([\w.]+)" with /g, ' from "./$1" with ');
    await Deno.writeTextFile(`${folder}/${name}`, moved);
  }
}

async function compareCold(directory: string, libbpf: string, words: readonly string[]): Promise<void> {
  const [bundle, empty, stopwatch, cache] = [
    `${directory}/ktm/main.js`,
    `${directory}/empty.js`,
    `${directory}/stopwatch`,
    `${directory}/cache`,
  ];
  const env = { DENO_DIR: cache };
  await makeCache(cache);
  await compile("bench/loader/stopwatch.c", stopwatch);
  await makeBundle(`${directory}/ktm`);
  await Deno.writeTextFile(empty, "");
  const ktm = (command: string) => ktmCommandLine([command, "--comm-prefix", TARGET_COMM]);
  const fromBundle = (command: readonly string[]) => [
    ...command.filter((word) => word !== "-P=ktm").map((word) => word === "src/main.ts" ? bundle : word)
      .toSpliced(
        2,
        0,
        "--no-config",
        "--unstable-raw-imports",
        `--allow-ffi=${manifest.permissions.ktm.ffi}`,
      ),
  ];
  const traced = (command: readonly string[]) => [...command, "--duration", "1ms"];
  const emptyScript = fromBundle(ktm("run")).map((word) => word === bundle ? empty : word);
  const attach = [libbpf, "attach", OBJECT, ...words];
  const contestants = [
    { name: "Deno alone: an empty script", says: "", command: emptyScript, target: "" },
    {
      name: "KTM from source",
      says: ATTACHED,
      command: ktm("run"),
      traced: traced(ktm("snapshot")),
      target: "100",
    },
    {
      name: "KTM bundled",
      says: ATTACHED,
      command: fromBundle(ktm("run")),
      traced: traced(fromBundle(ktm("snapshot"))),
      target: "100",
    },
    { name: "libbpf", says: ATTACHED, command: attach, traced: attach, target: "" },
  ];
  // Deno keeps the compiled code of programs that have lived for a while.
  for (const { command } of contestants.filter(({ target }) => target !== "")) {
    await run("timeout", ["--preserve-status", String(WARM_UP_SECONDS), ...command], env);
  }
  const kernel = contestants.map((): number[] => []);
  for (let round = 0; round < TRACED_ROUNDS; round++) {
    for (const [index, { traced }] of contestants.entries()) {
      if (traced !== undefined) kernel[index]!.push(await kernelShare(directory, traced, env));
    }
  }
  const results = contestants.map((): number[][] => []);
  for (let round = -1; round < COLD_ROUNDS; round++) {
    for (const [index, { says, command }] of contestants.entries()) {
      const result = numbers(await run(stopwatch, [says, ...command], env));
      // The first run fills caches.
      if (round >= 0) results[index]!.push(result);
    }
  }
  console.log(`From the start of the process until everything is attached; ms, ${COLD_ROUNDS} rounds:\n`);
  table(
    ["program", "start to attached", "in the kernel", "peak RSS, MiB", "target"],
    contestants.map(({ name, target }, index) => [
      name,
      spread(results[index]!.map(([ms]) => ms!)),
      kernel[index]!.length === 0 ? "" : spread(kernel[index]!),
      (median(results[index]!.map(([, kib]) => kib!)) / 1024).toFixed(0),
      target,
    ]),
  );
}

async function compareKernelBtf(libbpf: string, settings: Settings["options"]): Promise<void> {
  using object = new BpfObject(iomonitor, settings);
  const { btf, programs } = object.spec;
  const ids = new Set(programs.flatMap(({ coreRelocations }) => coreRelocations.map(({ type }) => type)));
  const names = [...ids].map((id) => btf.types[id]?.name ?? "");
  const flags = ktmCommandLine([]).filter((word) => word.startsWith("--v8-flags"));
  const ours: number[][] = [];
  const theirs: number[][] = [];
  for (let round = 0; round < COLD_ROUNDS; round++) {
    ours.push(
      numbers(await run(Deno.execPath(), ["run", "-A", ...flags, "bench/loader/kernel_btf.ts", OBJECT])),
    );
    theirs.push(numbers(await run(libbpf, ["btf", ...names])));
  }
  console.log(`The kernel's BTF in a new process; ms, ${COLD_ROUNDS} rounds:\n`);
  table(["what", "time", "target"], [
    ["KTM: engine made, file opened and scanned", spread(ours.map(([ms]) => ms!)), "12"],
    [`libbpf: file loaded, ${names.length} names found`, spread(theirs.map(([ms]) => ms!)), ""],
  ]);
}

async function measureMemory(words: readonly string[]): Promise<void> {
  const flags = ktmCommandLine([]).filter((word) => word.startsWith("--v8-flags"));
  const args = ["run", "-A", ...flags, "bench/loader/memory.ts", OBJECT, ...words];
  const rounds: number[][] = [];
  for (let round = 0; round < TRACED_ROUNDS; round++) rounds.push(numbers(await run(Deno.execPath(), args)));
  // Pairs of heap with external memory, and resident set: before, with the kernel's BTF, without it.
  const above = (index: number) => spread(rounds.map((sizes) => (sizes[index]! - sizes[index % 2]!) / MIB));
  console.log(`Memory above what it was before the object was opened; MiB, ${TRACED_ROUNDS} rounds:\n`);
  table(["when", "heap and external", "resident set", "target"], [
    ["attached, with the kernel's BTF", above(2), above(3), ""],
    ["attached, the kernel's BTF released", above(4), above(5), "6 (heap and external)"],
  ]);
}

await using directory = await temporaryDirectory();
const libbpf = directory.file("libbpf");
await compile("bench/loader/libbpf.c", libbpf, "-lbpf", "-lelf");
const target = directory.file(TARGET_COMM);
await Deno.copyFile("/bin/sleep", target);
await using _watched = new Child(target, { args: ["infinity"] });

const { constants = {}, absentMaps = [] } = openOptions(IOMONITOR);
const options = { constants, absentMaps };
const { release, machine } = kernelRelease();
const [version] = release.split("-");
console.log(
  `${navigator.hardwareConcurrency} CPUs, ${machine}, Linux ${version}, Deno ${Deno.version.deno}. ` +
    "Figures are medians, in brackets the quartiles.\n",
);
const attached = wordsOf({ options, programs: serving() });
await compareWarm(libbpf, wordsOf({ options, programs: loadable(options) }));
await compareCold(directory.path, libbpf, attached);
await compareKernelBtf(libbpf, options);
await measureMemory(attached);
