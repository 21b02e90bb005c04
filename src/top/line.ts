/** A line of the screen: text in pieces that each have a style, and how it becomes bytes for a terminal. @module */
import { visible } from "../metrics/mod.ts";

/** What a piece of text is, from which its colour follows. */
export type Style = "plain" | "title" | "label" | "good" | "warn" | "bad" | "chart";

/** A piece of text. Every character of it takes one column of the screen. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** Pieces side by side. */
export type Line = readonly Span[];

/** Select Graphic Rendition parameters (ECMA-48, 8.3.117). */
const COLOURS: Readonly<Record<Style, string>> = {
  plain: "",
  title: "1",
  label: "2",
  good: "32",
  warn: "33",
  bad: "1;31",
  chart: "36",
};

/** The block elements and box drawings that charts are made of, each as wide as a letter. */
const FOREIGN = /[^\x20-\x7e\u2500\u2581-\u2588\u2264]/gu;

/** A piece of text; what could move the cursor is shown as its escape, what may be wider than a column as `?`. */
export function span(text: string, style: Style = "plain"): Span {
  return { text: visible(text).replaceAll(FOREIGN, "?"), style };
}

/** How many columns a line takes. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/** The line cut or filled up with spaces to a number of columns. */
export function fit(line: Line, width: number): Line {
  let rest = width;
  const cut = line.map(({ text, style }) => {
    const kept = text.slice(0, rest);
    rest -= kept.length;
    return { text: kept, style };
  });
  return [...cut, span(" ".repeat(rest))].filter(({ text }) => text !== "");
}

/** The right end of `right` at the right edge, what is left of the width for `left`. */
export function justify(left: Line, right: Line, width: number): Line {
  const room = Math.max(0, width - widthOf(right));
  return fit([...fit(left, room), ...right], width);
}

/** Columns side by side under each other, with `gap` spaces between; the shorter one is filled up. */
export function beside(left: readonly Line[], right: readonly Line[], width: number, gap: number): Line[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) => [
    ...fit(left[row] ?? [], width),
    span(" ".repeat(gap)),
    ...fit(right[row] ?? [], width),
  ]);
}

/** The text of a line for a terminal. */
export function paint(line: Line, hasColour: boolean): string {
  return line.map(({ text, style }) => {
    const colour = hasColour ? COLOURS[style] : "";
    return colour === "" ? text : `\x1b[${colour}m${text}\x1b[0m`;
  }).join("");
}
