/**
 * What a test forgives the machine that it runs on: each time it says so, with a figure, and over a whole run of the
 * gate the figures of a kind have a bound.
 *
 * @module
 */

/** A kind of excuse. */
interface Excuse {
  /** The sum of the figures of a run with which it still passes. */
  readonly most: number;
  readonly why: string;
}

/** Every kind of excuse that there is. */
export const EXCUSES = {
  "late collections": {
    most: 3,
    why: "a virtual machine may stand still for the time of a collection",
  },
  "uncertain delays": {
    most: 8,
    why: "where a processor is emulated and shared, a short delay may never be certain to be in one bucket",
  },
  "comparisons with missed runs": {
    most: 100,
    why: "the kernel leaves a program out that interrupts itself, and counts that; what is left is a bound",
  },
  "guests run again": {
    most: 2,
    why: "a guest that dies or hangs may be the emulator's fault",
  },
} as const satisfies Readonly<Record<string, Excuse>>;

/** The name of a kind of excuse. */
export type ExcuseKind = keyof typeof EXCUSES;

/**
 * Says that something is forgiven; nothing if there is nothing to forgive.
 *
 * @param kind which of {@linkcode EXCUSES}
 * @param count how much
 * @param what what it was
 */
export function excuse(kind: ExcuseKind, count: number, what: string): void {
  if (count > 0) console.log(`excused ${kind}: ${count}, ${what}`);
}
