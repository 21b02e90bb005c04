/** Charts made of block elements (U+2581 to U+2588): an eighth of a character's height each. @module */

const EIGHTHS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

/** How many eighths of `height` characters a value fills; what is not 0 fills at least one. */
function eighths(value: number, highest: number, height: number): number {
  if (!(value > 0) || !(highest > 0)) return 0;
  return Math.max(1, Math.round(value / highest * height * 8));
}

/**
 * Bars that stand side by side, the highest as high as the chart.
 *
 * @param values one for each bar
 * @param height rows
 * @param barWidth columns of each bar
 * @returns rows from the top
 *
 * @example Half as high
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(bars([1, 2], 1, 2), ["\u2584\u2584\u2588\u2588"]);
 * ```
 */
export function bars(values: readonly number[], height: number, barWidth: number): string[] {
  const highest = Math.max(0, ...values);
  const filled = values.map((value) => eighths(value, highest, height));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    return filled.map((count) => EIGHTHS[Math.min(8, Math.max(0, count - below))]!.repeat(barWidth)).join("");
  });
}

/**
 * A row of bars that shows the highest value of each group; a group of which nothing is known is empty.
 *
 * @param groups values side by side, from the oldest
 */
export function sparkline(groups: readonly (number | undefined)[]): string {
  const [row = ""] = bars(groups.map((value) => value ?? 0), 1, 1);
  return row;
}
