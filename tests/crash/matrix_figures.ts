/** The crash matrix: what is left of the last minute before each death. Pure. @module */
import type { Row, Rows } from "./evidence.ts";

/** The time before a death that is looked at. */
export const PERIOD_MS = 60_000;

/** What is left after one death. */
export interface Try {
  /** Rows made in the last minute before it, and those of them that the dump has afterwards, value for value. */
  readonly made: number;
  readonly left: number;
  /**
   * Seconds from the last row that holds the target's counters to the death; negative if it was made later, undefined
   * if there is no such row.
   */
  readonly gap: number | undefined;
  /** Calls that the target made and its last row does not count, all if there is no such row; absent if it goes on. */
  readonly uncounted?: number;
  /** Whether the recorder says how it died, as it did. */
  readonly told: boolean;
}

/**
 * The rows of a period, and those of them that are left.
 *
 * @param lost names of rows that are missing or have changed
 */
export function rowsBefore(rows: Rows, lost: readonly string[], deathMs: number): Pick<Try, "made" | "left"> {
  const isInPeriod = ({ timeMs }: Row) => timeMs > deathMs - PERIOD_MS && timeMs <= deathMs;
  const names = rows.entries().filter(([, row]) => isInPeriod(row)).map(([name]) => name).toArray();
  const gone = new Set(lost);
  return { made: names.length, left: names.filter((name) => !gone.has(name)).length };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Median and most of some gaps; what is not there is the longest of all. */
function gapsText(gaps: readonly (number | undefined)[]): string {
  const sorted = gaps.map((gap) => gap ?? Infinity).toSorted((a, b) => a - b);
  const text = (gap: number) => gap === Infinity ? "no row" : `${gap.toFixed(2)} s`;
  return `${text(sorted[sorted.length >> 1]!)}, at most ${text(sorted.at(-1)!)}`;
}

/** A row of the table. */
export function matrixRow(name: string, tries: readonly Try[]): string {
  const [made, left] = [sum(tries.map(({ made }) => made)), sum(tries.map(({ left }) => left))];
  const ends = tries.filter(({ uncounted }) => uncounted !== undefined);
  const exact = ends.filter(({ uncounted }) => uncounted === 0).length;
  const cells = [
    name,
    tries.length,
    `${left} of ${made}`,
    gapsText(tries.map(({ gap }) => gap)),
    ends.length === 0 ? "it goes on" : `${exact} of ${ends.length}`,
    `${tries.filter(({ told }) => told).length} of ${tries.length}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The head of the table. */
export const MATRIX_HEAD = [
  "| what dies | tries | rows of the last 60 s that are left | from the last row to the death | last calls counted | how it died is known |",
  "| --- | --- | --- | --- | --- | --- |",
];
