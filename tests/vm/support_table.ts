/** The table of `docs/kernel-support.md`, made from what `ktm check --json` says in the guests. @module */
import type { Finding } from "../../src/collector/mod.ts";

const PREFIX = "probe ";

/** A row of the table: the kernel, and for each probe the strategy that serves. */
export interface SupportRow {
  /** Like `6.12 amd64`. */
  readonly kernel: string;
  readonly cells: readonly string[];
}

/** A finding's text begins with the strategy and whether it is exact. */
function cellOf({ detail }: Finding): string {
  const [, strategy, quality] = /^(\w+), (exact|not exact)/.exec(detail) ?? [];
  if (strategy === undefined) return "-";
  return quality === "exact" ? strategy : `${strategy} (not exact)`;
}

/** @param output begins with what `ktm check --json` says */
function probesOf(output: string): Finding[] {
  const end = output.indexOf("\n}\n") + 2;
  const { findings }: { findings: Finding[] } = JSON.parse(output.slice(0, end < 2 ? undefined : end));
  return findings.filter(({ name }) => name.startsWith(PREFIX));
}

/** The row of a kernel. */
export function supportRow(kernel: string, checkJson: string): SupportRow {
  return { kernel, cells: probesOf(checkJson).map(cellOf) };
}

/** The table's first two lines. */
export function supportHead(checkJson: string): string {
  const probes = probesOf(checkJson).map(({ name }) => name.slice(PREFIX.length));
  const cells = ["kernel", ...probes.map((probe) => `\`${probe}\``)];
  return `${markdown(cells)}\n${markdown(cells.map(() => "---"))}`;
}

function markdown(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A row as it stands in the file. */
export function formatRow({ kernel, cells }: SupportRow): string {
  return markdown([kernel, ...cells]);
}

const BEGIN = "<!-- made by deno task test:vm --update -->\n\n";
const END = "\n\n<!-- end -->";

/** The document's table with these rows in place of the ones of the same kernels, in order. */
export function updateTable(document: string, head: string, rows: readonly SupportRow[]): string {
  const [begin, end] = [document.indexOf(BEGIN) + BEGIN.length, document.indexOf(END)];
  if (begin < BEGIN.length || end < begin) throw new SyntaxError("Cannot find the table in the document");
  const made = new Map(rows.map((row) => [row.kernel, formatRow(row)]));
  const kept = document.slice(begin, end).split("\n").slice(2)
    .map((line) => [line.split("|")[1]?.trim() ?? "", line] as const)
    .filter(([kernel]) => kernel !== "" && !made.has(kernel));
  const lines = [...kept, ...made].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return `${document.slice(0, begin)}${head}\n${lines.map(([, line]) => line).join("\n")}${
    document.slice(end)
  }`;
}
