/** What the gate lets pass without a test of it, and how much. Pure. @module */
import { EXCUSES } from "../../tests/support/excuses.ts";

/** The reasons for which a test may be ignored in CI: nothing that could run there is skipped. */
export const ALLOWED: readonly RegExp[] = [
  // What the kernel of the machine has not; the guests' kernels have it.
  / \(this kernel forbids fentry programs\)$/,
  / \(this kernel allows programs on functions\)$/,
  / \(this kernel has no kprobes\)$/,
  / \(this kernel has no bpf_loop\(\)\)$/,
  / \(this kernel has no bpf_task_pt_regs\(\)\)$/,
  / \(this kernel (keeps no pressure|has (no )?iterators over one process)\)$/,
  / \(this kernel is too old for every program of it\)$/,
  / \(this architecture runs no i386 programs\)$/,
  / \(only in deno task nightly\)$/,
];

/** The bounds by the names of excuses that tests write. */
const MOST: ReadonlyMap<string, number> = new Map(
  Object.entries(EXCUSES).map(([kind, { most }]) => [kind, most]),
);

/** Tests that were ignored for no reason that is allowed, one line each. */
export function skipped(ignored: readonly string[]): string[] {
  return ignored.filter((name) => !ALLOWED.some((reason) => reason.test(name)))
    .map((name) => `skipped, although it could run: ${name}`);
}

/** Excuses beyond their bounds, one line each. */
export function beyond(excused: ReadonlyMap<string, number>): string[] {
  return [...excused].filter(([kind, count]) => count > (MOST.get(kind) ?? 0))
    .map(([kind, count]) => `excused too often: ${kind}: ${count}, at most ${MOST.get(kind) ?? 0}`);
}

/** Excuses beside their bounds, one line each. */
export function excuseLines(excused: ReadonlyMap<string, number>): string[] {
  return [...excused].map(([kind, count]) => `excused ${count} of at most ${MOST.get(kind) ?? 0}: ${kind}`);
}
