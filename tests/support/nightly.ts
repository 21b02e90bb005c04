/** What takes long and hardly ever tells anything new: `deno task nightly` has all of it, the gate some. @module */
import { unless } from "./needs.ts";

/** Whether there is all the time in the world. */
export const IS_NIGHT = Deno.env.get("KTM_NIGHTLY") === "true";

/** Has a test run only at night. */
export function nightly(test: Deno.TestDefinition): Deno.TestDefinition {
  return unless(IS_NIGHT ? undefined : "only in deno task nightly", test);
}

/** How often something is done in the gate, and how often at night. */
export function times(gate: number, night: number): number {
  return IS_NIGHT ? night : gate;
}
