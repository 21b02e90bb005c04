/** The verifier's log, turned into what a person needs to know. Pure. @module */
import { POISON_CALL } from "../elf/mod.ts";

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
/** Lines that describe instructions and states, not reasons; `R0 !read_ok` is a reason, `R0=0` a state. */
const STATE =
  /^(\d+: |from \d+ to \d+|(frame\d+: )?R\d+(_\w+)?=|func#|arg#|last_idx|regs=|parent |mark_precise|Live regs)/;
/** From Linux 7.3 a report for people follows the classic reason. */
const REPORT = "Verification failed:";

/** The paragraph `Reason:` of the report, in one line. */
function reportedReason(report: readonly string[]): string | undefined {
  const start = report.indexOf("Reason:") + 1;
  if (start === 0) return undefined;
  const end = report.indexOf("", start);
  const text = report.slice(start, end < 0 ? undefined : end).join(" ").replace(/\.$/, "");
  return text === "" ? undefined : text;
}

/**
 * Finds the reason in a verifier log.
 *
 * @param log the log's text, which may be empty or cut off
 * @returns the reason and its source line, or undefined if the log says nothing
 */
export function findReason(log: string): VerifierFinding | undefined {
  const all = log.split("\n").map((line) => line.trim());
  const reportAt = all.findIndex((line) => line.startsWith(REPORT));
  const lines = all.slice(0, reportAt < 0 ? undefined : reportAt).filter((line) => line !== "");
  const at = lines.findLastIndex((line) => !STATISTICS.test(line) && !SOURCE.test(line) && !STATE.test(line));
  const reason = (reportAt < 0 ? undefined : reportedReason(all.slice(reportAt))) ?? lines[at];
  if (reason === undefined) return undefined;
  const source = lines.slice(0, at < 0 ? undefined : at).findLast((line) => SOURCE.test(line))?.slice(2);
  return { reason, ...(source === undefined ? {} : { source }) };
}

const POISON = new RegExp(`^(\\d+): \\(85\\) call unknown#${POISON_CALL}\\b`, "m");

/**
 * Finds the poisoned instruction that the verifier reached.
 *
 * @param log the log's text
 * @returns the instruction's index, or undefined if the program failed for another reason
 */
export function findPoison(log: string): number | undefined {
  const index = POISON.exec(log)?.[1];
  return index === undefined ? undefined : Number(index);
}
