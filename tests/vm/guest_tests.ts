/** What runs in the guests, as data. @module */
import type { GuestSetup } from "./guest/setup.ts";
import { hostileTests } from "./hostile.ts";

/** A command that has to end with status 0 in every guest that it runs in. */
export interface GuestTest {
  readonly name: string;
  /** A program of the guest and its arguments; it runs in the project's folder. */
  readonly command: readonly string[];
  /** The guest's state, if it differs from a usual machine. */
  readonly setup?: GuestSetup;
  /** The guest's memory, if it differs. */
  readonly memoryMb?: number;
  /** The guest's deadline, if it differs. */
  readonly timeoutMs?: number;
  /** Programs of the machine that it needs; it then runs only on the machine's own architecture. */
  readonly tools?: readonly string[];
  /** The releases that it runs on, if not on all. */
  readonly kernels?: readonly string[];
}

/** Runs test files, the same ones that run outside of guests; nothing may be ignored. */
function denoTest(...files: string[]): string[] {
  return ["env", "CI=true", "deno", "test", "-A", "--no-check", "--cached-only", ...files];
}

function strategies(...names: string[]): string[] {
  return ["env", `KTM_STRATEGIES=${names.join(",")}`, ...denoTest("tests/strategies_test.ts")];
}

/** The test whose output is the support table's row. */
export const SUPPORT = "support";

export const GUEST_TESTS: readonly GuestTest[] = [
  {
    name: SUPPORT,
    // Status 3 says that there is no database, which is so.
    command: [
      "sh",
      "-c",
      "deno run -A --no-check --cached-only --quiet src/main.ts check --json || [ $? -eq 3 ]",
    ],
  },
  // src/elf is the same on every kernel, and its tests on thousands of broken objects take minutes here.
  {
    name: "unit",
    command: denoTest("src/discovery", "src/syscall", "tests/discovery_test.ts"),
    kernels: ["5.10", "7.3"],
  },
  {
    name: "hybrid",
    command: denoTest("tests/discovery_test.ts"),
    setup: { cgroup: "hybrid" },
    kernels: ["5.10"],
  },
  // Before 5.12 the verifier refuses a program the registers of a system call's function at its exit.
  { name: "strategies", command: strategies("tp_btf", "tracepoint", "kprobe"), kernels: ["5.10"] },
  {
    name: "strategies",
    command: strategies("fentry", "tp_btf", "tracepoint", "kprobe"),
    kernels: ["6.1", "6.12", "7.3"],
  },
  ...hostileTests(denoTest),
];
