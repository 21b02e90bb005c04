/** The whole screen. @module */
import { beside, fit, justify, type Line, span } from "./line.ts";
import {
  advicePanel,
  cachePanel,
  callPanel,
  header,
  historyPanel,
  notesPanel,
  reclaimPanel,
} from "./panels.ts";
import type { Size, View } from "./view.ts";

/** From so many columns on there are two panels side by side. */
const TWO_PANELS = 72;
const GAP = 2;

/** Rows of a screen with two panels side by side that are neither header, histogram nor notes. */
const FIXED_ROWS = 5 + 5 + 5;

/** Rows of a histogram: few enough that on 24 rows there is a line of a module and a note as well. */
const FEWEST_BAR_ROWS = 3;
/** Rows that it gets before anything else, if there is a row for a note as well. */
const USUAL_BAR_ROWS = 4;
const MOST_BAR_ROWS = 14;

/** Rows that notes get before a histogram grows. */
const NOTES_FIRST = 5;

function titleLine({ time, intervalMs }: View, width: number): Line {
  const left = [
    span("ktm top", "title"),
    span(`  every ${intervalMs / 1000}s, UTC ${time.toISOString().slice(11, 19)}`),
  ];
  return justify(left, [span("  q quits", "label")], width);
}

/**
 * Makes the screen.
 *
 * @param view what it shows
 * @param size of the terminal
 * @returns one line for each row, each as wide as the terminal
 */
export function renderScreen(view: View, { columns, rows }: Size): Line[] {
  const isWide = columns >= TWO_PANELS;
  const width = isWide ? Math.floor((columns - GAP) / 2) : columns;
  const head = [titleLine(view, columns), ...header(view)];
  const room = rows - FIXED_ROWS - head.length;
  const least = Math.min(USUAL_BAR_ROWS, Math.max(FEWEST_BAR_ROWS, room - 1));
  const grown = least + Math.max(0, room - least - NOTES_FIRST);
  const barRows = isWide ? Math.min(MOST_BAR_ROWS, grown) : least;
  const pairs = [
    [callPanel(view, "read", width, barRows), callPanel(view, "pread", width, barRows)],
    [cachePanel(view, width), advicePanel(view, width)],
    [reclaimPanel(view, width), historyPanel(view, width)],
  ] as const;
  const panels = pairs.flatMap(([left, right]) =>
    isWide ? beside(left, right, width, GAP) : [...left, ...right]
  );
  const above = [...head, ...panels].slice(0, rows);
  const lines = [...above, ...notesPanel(view, columns, rows - above.length)];
  return Array.from({ length: rows }, (_, row) => fit(lines[row] ?? [], columns));
}
