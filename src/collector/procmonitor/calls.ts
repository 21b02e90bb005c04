/** The calls whose flight is reported. @module */

/** Room for calls: `WATCHED_CALLS` in bpf/procmonitor.bpf.c. */
export const MOST_CALLS = 16;
