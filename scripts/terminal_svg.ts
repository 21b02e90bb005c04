/**
 * Makes a picture of a terminal, such as that in the README:
 *
 * ```console
 * # tmux new-session -d -x 80 -y 24 -s picture "deno task ktm top"
 * # tmux capture-pane -e -p -t picture | deno run scripts/terminal_svg.ts > docs/top.svg
 * ```
 *
 * @module
 */

/** Size of a character, whatever font it is drawn with. */
const [WIDTH, HEIGHT] = [8, 16];
const BASELINE = 13;
const MARGIN = 10;

/** What is drawn from the Select Graphic Rendition parameters that are on; ECMA-48, 8.3.117. */
const STYLES: Readonly<Record<number, string>> = {
  1: "font-weight:bold",
  2: "opacity:0.6",
  31: "fill:#f47067",
  32: "fill:#6bc46d",
  33: "fill:#daaa3f",
  36: "fill:#56d4dd",
};

/** Which parameters one of them takes back. */
const TAKES_BACK: Readonly<Record<number, (on: number) => boolean>> = {
  0: () => true,
  22: (on) => on < 3,
  39: (on) => on >= 30 && on < 38,
};

const SEQUENCE = "\x1b[";

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Text with the parameters that come before it. */
interface Piece {
  readonly codes: readonly number[];
  readonly text: string;
}

function piecesOf(line: string): Piece[] {
  const [first = "", ...rest] = line.split(SEQUENCE);
  return [
    { codes: [], text: first },
    ...rest.map((piece) => {
      const end = piece.indexOf("m");
      return { codes: piece.slice(0, end).split(";").map(Number), text: piece.slice(end + 1) };
    }),
  ];
}

/** Elements for a line; the parameters that are on go over to the next one. */
function drawn(pieces: readonly Piece[], row: number, on: Set<number>): string[] {
  let column = 0;
  return pieces.flatMap(({ codes, text }) => {
    for (const code of codes) {
      for (const old of [...on]) if (TAKES_BACK[code]?.(old)) on.delete(old);
      if (code in STYLES) on.add(code);
    }
    const style = [...on].map((code) => STYLES[code]).join(";");
    const start = column;
    column += text.length;
    // Not every program that draws keeps one space after the other.
    return [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
      const [x, y] = [MARGIN + (start + index) * WIDTH, MARGIN + row * HEIGHT + BASELINE];
      const place = `x="${x}" y="${y}" textLength="${words.length * WIDTH}"`;
      return `<text ${place}${style === "" ? "" : ` style="${style}"`}>${escaped(words)}</text>`;
    });
  });
}

const text = await new Response(Deno.stdin.readable).text();
const lines = text.trimEnd().split("\n").map(piecesOf);
const columns = Math.max(...lines.map((line) => line.reduce((sum, { text }) => sum + text.length, 0)));
const [width, height] = [2 * MARGIN + columns * WIDTH, 2 * MARGIN + lines.length * HEIGHT];
const on = new Set<number>();
console.log([
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
  "<style>text{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#cdd9e5}</style>",
  `<rect width="${width}" height="${height}" rx="8" fill="#1c2128"/>`,
  ...lines.flatMap((line, row) => drawn(line, row, on)),
  "</svg>",
].join("\n"));
