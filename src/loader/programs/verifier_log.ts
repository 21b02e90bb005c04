/** The verifier's log, turned into what a person needs to know. Pure. @module */

/** What the log says about a refusal. */
export interface VerifierFinding {
  /** The line that names the reason. */
  readonly reason: string;
  /** Index of the instruction that the reason is about, or else that the verifier looked at last. */
  readonly instruction?: number;
  /** The lines before the reason: the last instructions and the states between them. */
  readonly context: readonly string[];
}

/** How many lines before the reason are worth a look. */
const CONTEXT_LINES = 8;

/** How much of a log is looked at: a long one has millions of lines, and the reason is at its end. */
const END_LENGTH = 1 << 16;

const INSTRUCTION = /^(\d+): \([\da-f]{2}\) /;

/** Reasons that name the instruction that they are about, which the verifier may have left behind. */
const BLAMED = /^(?:infinite loop detected at|unreachable|jump out of range from|back-edge from) insn (\d+)/;

/** The most that the verifier looks at is in the statistics: `BPF_COMPLEXITY_LIMIT_INSNS`, include/linux/bpf.h. */
const TOO_COMPLEX = /^BPF program is too large\. Processed (\d+) insn/;
const LIMIT = /processed \d+ insns \(limit (\d+)\)/;

/** Whether a log goes on to its end, where the statistics are. */
export function hasStatistics(log: string): boolean {
  return LIMIT.test(log);
}

/** A reason as people know it. */
function reworded(reason: string, log: string): string {
  const processed = TOO_COMPLEX.exec(reason)?.[1];
  if (processed === undefined) return reason;
  const limit = LIMIT.exec(log)?.[1];
  const most = limit === undefined ? "" : ` (limit ${limit})`;
  return `the program is too complex: processed ${processed} insns${most}`;
}

/** Some reasons come without an end of line, so that the statistics follow at once. */
const GLUED_STATISTICS = /(?<=.)(?=processed \d+ insns \(limit )/g;
/** Statistics that the verifier prints after the reason. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states|mark_read)/;
/** `; if (x) @ file.c:12`, or `; if (x)` from kernels before 6.8. */
const SOURCE = /^; /;
/** Lines that describe instructions and states, not reasons; `R0 !read_ok` is a reason, `R0=0` a state. */
const STATE =
  /^(\d+: |from \d+ to \d+|(frame\d+: )?R\d+(_\w+)?=|func#|arg#|last_idx|regs=|parent |mark_precise|Live regs|(cur|old) state:)/;
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
 * @returns the reason and what comes before it, or undefined if the log says nothing
 */
export function findReason(log: string): VerifierFinding | undefined {
  const all = log.slice(-END_LENGTH).replaceAll(GLUED_STATISTICS, "\n").split("\n").map((line) =>
    line.trim()
  );
  const reportAt = all.findIndex((line) => line.startsWith(REPORT));
  const lines = all.slice(0, reportAt < 0 ? undefined : reportAt).filter((line) => line !== "");
  const at = lines.findLastIndex((line) => !STATISTICS.test(line) && !SOURCE.test(line) && !STATE.test(line));
  const reason = (reportAt < 0 ? undefined : reportedReason(all.slice(reportAt))) ?? lines[at];
  if (reason === undefined) return undefined;
  const before = lines.slice(0, at < 0 ? undefined : at);
  const index = BLAMED.exec(lines[at] ?? "")?.[1] ??
    before.findLast((line) => INSTRUCTION.test(line))?.match(INSTRUCTION)?.[1];
  return {
    reason: reworded(reason, log),
    ...(index === undefined ? {} : { instruction: Number(index) }),
    context: before.slice(-CONTEXT_LINES),
  };
}
