/** A foreign value as a message shows it. Pure. @module */

/** Characters of a value that a message shows: enough to find it, too few for most secrets. */
const MOST_SHOWN = 40;

/** The beginning of a text that is longer than a message shows. */
export function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\u2026` : text;
}

/** A value as JSON, or as text where JSON has no form for it; of a long one the beginning. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return cut(text);
}
