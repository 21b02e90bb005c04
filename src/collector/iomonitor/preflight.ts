/** What has to be there before anything else makes sense. @module */
import { describeShortcoming, firstShortcoming, refusal as refused } from "../../loader/mod.ts";
import type { AskedCall } from "../../syscall/mod.ts";

/** Why system calls are refused, and what to do about it; undefined if they are not. */
export function refusal(calls: readonly AskedCall[]): string | undefined {
  const shortcoming = refused(calls);
  return shortcoming && describeShortcoming(shortcoming);
}

/** The first reason why nothing can be attached on this machine, with its remedy; undefined if none is known. */
export function preflight(): string | undefined {
  const shortcoming = firstShortcoming();
  return shortcoming && describeShortcoming(shortcoming);
}
