/** Standard output, which carries data only. @module */

/**
 * Writes text to standard output, all of it.
 *
 * @throws {Deno.errors.BrokenPipe} if nobody reads any more, which ends the program quietly
 */
export function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
