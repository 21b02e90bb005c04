/** What `ktm check` says of procmonitor. Pure. @module */
import type { Finding } from "../module.ts";

/** What is known of the iterator. */
export interface IteratorState {
  /** Why it cannot be loaded, if it cannot. */
  readonly failure: string | undefined;
  /** Whether it goes over the threads of the process alone; undefined before the first reading. */
  readonly narrows: boolean | undefined;
}

/** How the threads of the target are read. */
export function threadFinding({ failure, narrows }: IteratorState): Finding {
  const name = "threads";
  if (failure !== undefined) return { name, level: "degraded", detail: failure };
  if (narrows === false) {
    const detail = "an iterator over all tasks: this kernel has none over the threads of one process (6.1)";
    return { name, level: "note", detail };
  }
  return { name, level: "ok", detail: "an iterator over the threads of the target's process" };
}
