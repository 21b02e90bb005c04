/** Reading the Prometheus text format. @module */

/**
 * The value of one series.
 *
 * @param text what was exported
 * @param series name and labels as they stand in the text
 * @returns undefined if there is no such series
 */
export function valueOf(text: string, series: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
