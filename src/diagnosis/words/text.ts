/** An explanation for people. @module */
import { visible } from "../../metrics/mod.ts";
import type { TargetEnd } from "../ends.ts";
import type { ComparedPeriod, Explanation } from "../explanation.ts";
import { formatNumber } from "./units.ts";
import { WORDINGS } from "./wording.ts";

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [title, ...items.map((item) => `  - ${item}`), ""];
}

function period(name: string, { from, to, seconds, calls }: ComparedPeriod): string {
  return `${name} ${from} to ${to}, ${formatNumber(seconds)} s, ${calls} reads`;
}

/** What is known of the time right before an end. */
function beforeText({ collections, missingSeconds }: TargetEnd): string {
  return missingSeconds === null
    ? "No collection of it is kept in this period."
    : `Collections kept: ${collections}; the last one is from ${
      missingSeconds < 1 ? "the end itself" : `${formatNumber(missingSeconds)} s before the end`
    }.`;
}

/** The newest end first, because what follows is about the time before it, or since then. */
function endsText({ ends }: Explanation): string[] {
  const [newest, ...earlier] = ends.toReversed();
  if (newest === undefined) return [];
  return [
    `${newest.how === "unwatched" ? "TARGET NOT WATCHED TO ITS END" : "TARGET ENDED"}: ${newest.text}`,
    beforeText(newest),
    "",
    ...list(`Earlier ends in this period: ${earlier.length}`, earlier.map(({ text }) => text)),
  ];
}

/** What the reads come to, and when. */
function headline({ ends, about, workload, title, incident }: Explanation): string {
  const name = workload === title ? title : `${workload}, ${title}`;
  if (ends.length === 0) return `${incident ? "INCIDENT" : "No incident"}: ${name}`;
  const when = about === "now" ? "Reads since then" : "Reads before the end";
  return `${when}: ${incident ? "INCIDENT, " : ""}${name}`;
}

/**
 * Writes an explanation as text.
 *
 * @param explanation what to write
 * @returns lines, each with its newline; what a dump has chosen cannot add one
 */
export function formatExplanation(explanation: Explanation): string {
  const { workload, summary, confidence, compared, until, decision } = explanation;
  const { meaning } = WORDINGS[workload];
  return [
    ...endsText(explanation),
    headline(explanation),
    "",
    summary,
    ...summary.startsWith(meaning.replace(/\.$/, "")) ? [] : [meaning],
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
  ].map(visible).join("\n");
}
