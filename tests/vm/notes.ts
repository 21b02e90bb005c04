/** What tests in a guest say beside that they passed. Pure. @module */

/** A test that was ignored, and something that was excused. */
const NOTE = /^(?:\S.* \.\.\. ignored .*|excused [^:]+: \d+.*)$/gm;

/**
 * The lines of an output that the gate has to know of, see `scripts/gate/bounds.ts`.
 *
 * @param output what the tests wrote
 */
export function notesIn(output: string): string[] {
  return [...output.replaceAll("\r", "").matchAll(NOTE)].map(([line]) => line);
}
