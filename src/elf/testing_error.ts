/** Expecting errors about objects, for tests. @module */
import { ObjectError } from "./object_error.ts";

/**
 * The ObjectError that a call throws.
 *
 * @throws {Error} if it throws nothing, or anything else
 */
export function objectError(call: () => unknown): ObjectError {
  try {
    call();
  } catch (error) {
    if (error instanceof ObjectError) return error;
    throw new Error("Cannot accept this error: an ObjectError was expected", { cause: error });
  }
  throw new Error("Cannot go on: nothing was thrown, an ObjectError was expected");
}
