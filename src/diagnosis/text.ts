/** An explanation for people. @module */
import type { ComparedPeriod, Explanation } from "./explanation.ts";
import { formatNumber } from "./units.ts";
import { WORDINGS } from "./wording.ts";

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [title, ...items.map((item) => `  - ${item}`), ""];
}

function period(name: string, { from, to, seconds, calls }: ComparedPeriod): string {
  return `${name} ${from} to ${to}, ${formatNumber(seconds)} s, ${calls} reads`;
}

/**
 * Writes an explanation as text.
 *
 * @param explanation what to write
 * @returns lines, each with its newline
 */
export function formatExplanation(explanation: Explanation): string {
  const { workload, title, incident, summary, confidence, compared, until, decision } = explanation;
  const name = workload === title ? title : `${workload}, ${title}`;
  return [
    `${incident ? "INCIDENT" : "No incident"}: ${name}`,
    "",
    summary,
    ...summary === WORDINGS[workload].meaning ? [] : [WORDINGS[workload].meaning],
    ...until === null ? [] : [`It ended at ${until}.`],
    "",
    ...list("Why", explanation.evidence.map(({ text }) => text)),
    ...list("Not seen", explanation.notSeen.map(({ text }) => text)),
    ...list("What to do", decision.advice),
    ...list(`Confidence: ${confidence.level}`, confidence.doubts),
    ...confidence.doubts.length > 0 ? [] : [`Confidence: ${confidence.level}`, ""],
    ...list(
      "Compared",
      compared === null ? [] : [period("before:", compared.baseline), period("after: ", compared.recent)],
    ),
    ...list(
      "Not decidable from the kernel",
      explanation.notDecidable.map(({ what, why }) => `${what}: ${why}`),
    ),
  ].join("\n");
}
