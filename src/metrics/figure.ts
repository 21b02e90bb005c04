/** A number of a module that people are shown in a live view. @module */

/** How a number is shown. */
export interface Figure {
  /** What it is called, in a word. */
  readonly label: string;
  /** The metric; of several series their sum, unless it is the most that counts. */
  readonly metric: string;
  /** By how much it grows in a second, as it is now, or the most of all series as they are now. */
  readonly show: "rate" | "now" | "most";
  /** What it counts: a number, bytes, nanoseconds, or nanoseconds in each second as a share of it. */
  readonly unit: "number" | "bytes" | "time" | "share";
}
