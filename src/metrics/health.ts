/** How something that measures is. @module */

/** The state of the target watch, or of a module. */
export interface Health {
  /**
   * `waiting` means that it works but its target is not there yet; `ended` that the target was there, and its
   * counters go on if it returns.
   */
  readonly state: "disabled" | "degraded" | "full" | "waiting" | "ended";
  /** One sentence for people: why it can do no more; empty if there is nothing to explain. */
  readonly reason: string;
}
