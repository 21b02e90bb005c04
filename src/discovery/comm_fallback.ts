/** When a name decides who is the target. @module */

/** When the comm prefix decides which process counts, in addition to the cgroup. */
export const COMM_FALLBACKS = ["always", "when-unset", "never"] as const;

/** One of {@linkcode COMM_FALLBACKS}. */
export type CommFallback = typeof COMM_FALLBACKS[number];
