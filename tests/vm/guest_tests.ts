/** What runs in the guests, as data. @module */
import type { GuestSetup } from "./guest/setup.ts";

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

/** Runs test files, the same ones that run outside of guests. */
function denoTest(...files: string[]): string[] {
  return ["deno", "test", "-A", "--no-check", "--cached-only", ...files];
}

export const GUEST_TESTS: readonly GuestTest[] = [
  {
    name: "version",
    command: ["deno", "run", "-A", "--no-check", "--cached-only", "src/main.ts", "version"],
  },
  // src/elf is the same on every kernel, and its tests on thousands of broken objects take minutes here.
  { name: "unit", command: denoTest("src/discovery", "src/syscall") },
  { name: "discovery", command: denoTest("tests/discovery_test.ts") },
  { name: "discovery-hybrid", command: denoTest("tests/discovery_test.ts"), setup: { cgroup: "hybrid" } },
];
