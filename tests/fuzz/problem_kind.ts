/** Which problems are the same. @module */

/** A problem without what differs from input to input: numbers. */
export function problemKind(problem: string): string {
  return problem.replaceAll(/\d+/g, "N");
}
