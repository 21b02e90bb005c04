/** What runs in the guests, as data. @module */
import { MODULES } from "../../src/collector/mod.ts";
import type { GuestCommand } from "./guest/init.ts";
import { quote } from "./guest/setup.ts";
import { hostileTests } from "./hostile.ts";
import type { GuestBoot } from "./qemu/run_guest.ts";

/** A command that has to end with status 0 on every kernel that it runs on. */
export interface GuestTest extends GuestCommand {
  readonly name: string;
  /** How its guest is powered on, if not as usual: it shares a guest with the tests that say the same. */
  readonly boot?: GuestBoot;
  /** Where it runs, if not in guests of every architecture: what is compiled here runs only on the machine's own. */
  readonly architecture?: "native" | "foreign";
  /** Programs of the machine that it needs, if it runs on the machine's own architecture only. */
  readonly tools?: readonly string[];
  /** The releases that it runs on, if not on all. */
  readonly kernels?: readonly string[];
  /** Whether it takes so long that it runs only where `--filter` is its name. */
  readonly isLong?: boolean;
}

/** The test files of a folder and of those in it. */
function testsIn(folder: string): string[] {
  const entries = [...Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))];
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) =>
    isDirectory ? testsIn(`${folder}/${name}`) : name.endsWith("_test.ts") ? [`${folder}/${name}`] : []
  );
}

/** Runs test files, the same ones that run outside of guests; nothing may be ignored. */
function denoTest(files: readonly string[], ...options: string[]): string[] {
  const environment = ["CI=true", `KTM_TESTS=${files.join(" ")}`];
  return ["env", ...environment, "deno", "test", "-A", "--no-check", "--cached-only", ...options, ENTRY];
}

/** Imports the test files: an isolate for each would cost seconds of emulation. */
const ENTRY = "tests/guests/entry.ts";

/** Tests of what differs between kernels. */
const KERNEL_TESTS = [
  "tests/loader/loader_test.ts",
  "tests/loader/programs_test.ts",
  "tests/loader/refusals_test.ts",
];

/** Tests of each way to attach: with a workload that is compiled here, or with the one of the demo. */
const STRATEGY_TESTS = {
  native: "tests/collect/truth_test.ts",
  foreign: "tests/collect/strategies_test.ts",
} as const;

/** Tests that need a module with BTF, which there is from 5.11 on; the machine itself may have none. */
const MODULE_TESTS = ["tests/guests/module.ts"];

/** Tests of what hardly does; `src/elf` is the same everywhere, and its thousands of broken objects take minutes. */
const UNIT_TESTS = [
  ...testsIn("src/discovery"),
  ...testsIn("src/syscall"),
  "tests/discovery/discovery_test.ts",
];

/** Every module: the table has the probes of all. */
const MODULE_NAMES = MODULES.map(({ name }) => name).join();

/** The test whose output begins with what `ktm check --json` says: the support table's row. */
export const SUPPORT = "kernel";

/** An emulated processor makes fewer calls: of each thread, in the tests that count what all of them make. */
const STORM = "KTM_STORM_REPEATS=1500";

function kernelTests(
  kernels: readonly string[],
  strategies: readonly string[],
  ...more: string[]
): GuestTest[] {
  const architectures = ["native", "foreign"] as const;
  const ktm = "deno run -A --quiet $KTM_BUNDLE";
  const test = (architecture: keyof typeof STRATEGY_TESTS) =>
    denoTest([...KERNEL_TESTS, STRATEGY_TESTS[architecture], ...more]).map(quote).join(" ");
  return architectures.map((architecture) => ({
    name: SUPPORT,
    kernels,
    architecture,
    // Status 3 of check says that there is no database, which is so.
    command: [
      "env",
      `KTM_STRATEGIES=${strategies.join(",")}`,
      STORM,
      "sh",
      "-c",
      `{ ${ktm} check --json --modules ${MODULE_NAMES} || [ $? -eq 3 ]; } && ${ktm} demo --duration 200ms && exec ${
        test(architecture)
      }`,
    ],
  }));
}

/** Writes by each way to attach: strace is not there, and a workload only for the machine's own architecture. */
function writeTests(): GuestTest[] {
  const environment = ["env", `KTM_STRATEGIES=${STRATEGIES.join(",")}`, STORM];
  const own = denoTest(["tests/writemonitor/writes_test.ts"], "--filter=/every write|sleep for/");
  const foreign = denoTest(["tests/guests/writes.ts"]);
  return [
    { name: "writemonitor", architecture: "native", command: [...environment, ...own] },
    {
      name: "writemonitor",
      kernels: ["6.12"],
      architecture: "foreign",
      command: [...environment, ...foreign],
    },
  ];
}

const SCOPE_TOOLS = ["bash", "mount", "nsenter", "setpriv", "unshare"];

/**
 * Parts of the names of tests of whose events count, so many as a minute has time for: each agent takes seconds to
 * start, and one whose target is gone waits long until it searches again.
 */
const SCOPE_TESTS = [
  {
    kernels: ["5.10"],
    names: [
      "agree on what a prefix",
      "no read is lost",
      "in a nested cgroup counts",
      "pod of podman .* in full",
      "time namespace",
      "namespace whose own name matches",
    ],
  },
  {
    kernels: ["7.3"],
    names: [
      "not see the target in /proc counts",
      "always: .* in a PID namespace",
      "pod of the kubelet .* in full",
    ],
  },
] as const;

const SCOPE_EVERYWHERE = [
  "only what a filter",
  "spans a change",
  "agree on the id of a cgroup",
  "in threaded cgroups count",
  "main thread has ended is found",
];

const STRATEGIES = ["fentry", "tp_btf", "tracepoint", "kprobe"];

export const GUEST_TESTS: readonly GuestTest[] = [
  // Before 5.12 the verifier refuses a program the registers of a system call's function at its exit.
  ...kernelTests(["5.10"], ["tp_btf", "tracepoint", "kprobe"], ...UNIT_TESTS),
  ...kernelTests(["6.1", "6.12"], STRATEGIES, ...MODULE_TESTS),
  ...kernelTests(["7.3"], STRATEGIES, ...MODULE_TESTS, ...UNIT_TESTS),
  // How a descriptor becomes a file differs on each, and what the tracepoint of sleep is given.
  ...writeTests(),
  {
    name: "hybrid",
    command: denoTest(["tests/discovery/discovery_test.ts"]),
    setup: { cgroup: "hybrid" },
    kernels: ["5.10"],
  },
  // Kprobes are then made by way of tracefs.
  {
    name: "no-kprobe-pmu",
    command: [
      "env",
      "KTM_STRATEGIES=kprobe",
      ...denoTest(["tests/collect/strategies_test.ts"], "--filter=by kprobe"),
    ],
    setup: { hidden: ["/sys/bus/event_source/devices/kprobe"] },
    kernels: ["6.1"],
  },
  // A program may then be interrupted by another task that runs the same program on the same processor.
  {
    name: "preempt-full",
    architecture: "native",
    command: ["env", STORM, ...denoTest(["tests/collect/truth_test.ts"], "--filter=/^by (fentry|tp_btf)/")],
    boot: { kernelArguments: ["preempt=full"] },
    kernels: ["7.3"],
  },
  {
    name: "direct-reclaim",
    architecture: "native",
    kernels: ["5.10", "7.3"],
    command: denoTest(["tests/guests/direct_reclaim.ts"]),
  },
  // What the end of a process looks like, and the tracepoint of the OOM killer, have changed.
  {
    name: "ends",
    architecture: "native",
    kernels: ["5.10", "7.3"],
    tools: ["mount"],
    command: denoTest(["tests/collect/process_ends_test.ts"], "--filter=/^by /"),
  },
  // Before 5.11 maps need another capability.
  {
    name: "privileges",
    architecture: "native",
    kernels: ["5.10", "7.3"],
    command: denoTest(["tests/privileges/privileges_test.ts"], "--filter=two capabilities"),
  },
  // What is left of root: without Landlock, with it for one thread, and from 7.0 on for all.
  {
    name: "confinement",
    architecture: "native",
    kernels: ["5.10", "6.12", "7.3"],
    tools: ["setpriv"],
    command: denoTest(["tests/privileges/confinement_test.ts"]),
  },
  // Iterators go over the threads of one process from 6.1 on, and fields of tasks have changed.
  {
    name: "procmonitor",
    architecture: "native",
    tools: ["bash", "unshare"],
    command: denoTest([...testsIn("tests/procmonitor"), "tests/loader/process_place_test.ts"]),
  },
  {
    name: "procmonitor",
    architecture: "foreign",
    kernels: ["6.12"],
    command: denoTest(["tests/procmonitor/self_test.ts"]),
  },
  {
    name: "procmonitor-v1",
    architecture: "native",
    setup: { cgroup: "hybrid" },
    // In a guest to itself: pages in memory keep their cgroup of version 1, and with it the hierarchy, for good.
    boot: { kernelArguments: ["psi=1"] },
    kernels: ["5.10"],
    command: denoTest(["tests/procmonitor/cgroup_test.ts"]),
  },
  // System calls have other numbers there.
  {
    name: "confinement",
    architecture: "foreign",
    kernels: ["6.12"],
    command: denoTest(["tests/privileges/confinement_test.ts"], "--filter=keeps what is open"),
  },
  // Where the library's programs attach that the agent has none of, and what they write.
  {
    name: "library",
    architecture: "native",
    kernels: ["5.10", "7.3"],
    tools: ["ip", "unshare"],
    command: denoTest([
      "tests/loader/cpu_clock_test.ts",
      "tests/loader/places_test.ts",
      "tests/loader/ring_buffer_test.ts",
      "tests/loader/uprobe_test.ts",
      "tests/guests/replace.ts",
    ]),
  },
  // Pages may be of another size there, and memory is in another order.
  {
    name: "library",
    architecture: "foreign",
    kernels: ["6.12"],
    command: denoTest(["tests/loader/ring_buffer_test.ts"]),
  },
  // Whose events count, where cgroup v2 is alone.
  ...SCOPE_TESTS.map(({ kernels, names }): GuestTest => ({
    name: "scope",
    architecture: "native",
    kernels,
    tools: SCOPE_TOOLS,
    command: denoTest(testsIn("tests/scope"), `--filter=/${[...SCOPE_EVERYWHERE, ...names].join("|")}/`),
  })),
  {
    name: "whole-scope",
    architecture: "native",
    isLong: true,
    tools: SCOPE_TOOLS,
    command: denoTest(testsIn("tests/scope")),
  },
  ...hostileTests(denoTest),
];
