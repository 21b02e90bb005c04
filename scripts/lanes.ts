/** Which tests run beside each other. Pure. @module */

/** Where tests are. */
export const TEST_FOLDERS = ["packages", "scripts", "src", "tests"] as const;

/**
 * How a test file runs: `pure` ones in parallel in one process; then `machine`, `beside` that in another process; at
 * last `quiet`.
 */
export type Lane = "pure" | "machine" | "beside" | "quiet";

/**
 * Marks of a lane in the text of a file, the first that fits; without any a file is pure.
 *
 * - What asks for a place in front of all other processes, and the judge of fuzzing, measure time: nothing else may run.
 * - A file says itself that it minds no others of its kind: agents that each have a target, a cgroup and a port.
 * - What needs root has programs in the kernel. Descriptors and memory of the process would be shared with tests of
 *   other files.
 */
const MARKS: readonly (readonly [lane: Lane, mark: RegExp])[] = [
  ["quiet", /"chrt"|\/judge\.ts"/],
  ["beside", /^\/\/ Runs beside others\b/m],
  [
    "machine",
    /"root"|\bLIVE_KERNEL\b|\bopenDescriptors\b|\bmemoryUsage\b|\/proc\/self\/fd\b|\/campaign\.ts"/,
  ],
];

/**
 * Tells how a test file runs.
 *
 * @param text what is in it
 */
export function laneOf(text: string): Lane {
  return MARKS.find(([, mark]) => mark.test(text))?.[0] ?? "pure";
}

/** Whether a file is one of tests, by its name. */
export function isTestFile(path: string): boolean {
  return path.endsWith("_test.ts");
}

/** Whether `deno test --doc` finds something in a file: tests, or under `src` examples. */
export function hasTests({ path, text }: { readonly path: string; readonly text: string }): boolean {
  return isTestFile(path) || (path.startsWith("src/") && /^ *\* ```ts$/m.test(text));
}
