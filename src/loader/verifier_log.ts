/** The verifier's log, turned into what a person needs to know. Pure. @module */

/** What the log says about a refusal. */
export interface VerifierFinding {
  /** The line that names the reason. */
  readonly reason: string;
  /** The source line of the instruction, if the program came with line info. */
  readonly source?: string;
}

/** Statistics that the verifier prints after the reason. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states|mark_read)/;
/** `; if (x) @ file.c:12`, or `; if (x)` from kernels before 6.8. */
const SOURCE = /^; /;
/** Lines that describe instructions and states, not reasons. */
const STATE = /^(\d+: |from \d+ to \d+|R\d|func#|arg#|last_idx|regs=|parent |mark_precise|Live regs)/;

/**
 * Finds the reason in a verifier log.
 *
 * @param log the log's text, which may be empty or cut off
 * @returns the reason and its source line, or undefined if the log says nothing
 */
export function findReason(log: string): VerifierFinding | undefined {
  const lines = log.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const at = lines.findLastIndex((line) => !STATISTICS.test(line) && !SOURCE.test(line) && !STATE.test(line));
  if (at < 0) return undefined;
  const source = lines.slice(0, at).findLast((line) => SOURCE.test(line))?.slice(2);
  return { reason: lines[at]!, ...(source === undefined ? {} : { source }) };
}
