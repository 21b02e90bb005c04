/** The error of a command line that cannot be understood. @module */

/** A command line that cannot be understood; the message says what is wrong and where help is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
