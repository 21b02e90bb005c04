/** What is the last to be dropped for want of room, in memory and in the file: the minutes before a crash. @module */

/** Time before the newest crash whose rows are kept longest. */
export const KEPT_BEFORE_END_MS = 15 * 60_000;

/** The share of the room that those rows may take. */
export const KEPT_SHARE = 1 / 2;
