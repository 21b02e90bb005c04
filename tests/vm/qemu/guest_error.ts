/** A guest that did not come to its end. @module */

/** How much of the console is part of the message. */
const TAIL_LINES = 40;

/** The last lines of a text. */
export function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/** A guest that panicked, hung, or ended before its commands were done. */
export class GuestError extends Error {
  override readonly name = "GuestError";
  /** All that the kernel wrote to its console. */
  readonly console: string;
  /** What its commands wrote until then. */
  readonly output: string;

  /**
   * @param reason what happened
   * @param console the kernel's console
   * @param output its commands' output so far
   */
  constructor(reason: string, console: string, output: string) {
    super(`Cannot finish the guest: ${reason}; its console ends with\n${tail(console)}`);
    this.console = console;
    this.output = output;
  }
}

/**
 * Tells why a guest has no status.
 *
 * @param console the kernel's console
 * @param timeoutMs the deadline that the guest missed, or undefined if it ended by itself
 */
export function faultOf(console: string, timeoutMs: number | undefined): string {
  if (console.trim() === "") return "it printed nothing: the kernel did not start, or has no serial line";
  const panic = /Kernel panic - not syncing: [^\n]*/.exec(console)?.[0];
  if (panic !== undefined) return panic;
  if (timeoutMs !== undefined) return `it was not done after ${timeoutMs / 1000} s`;
  return "it ended before its commands were done";
}
