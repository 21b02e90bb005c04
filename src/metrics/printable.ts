/**
 * Text that others have chosen, such as a process's name, made safe to show: characters that act on a terminal, begin
 * a line or turn the direction of writing are written as JSON would escape them. Pure.
 *
 * @module
 */

/**
 * Controls (C0, DEL, C1), format characters such as those that turn the direction, separators of lines and
 * paragraphs, and halves of surrogate pairs, by their general category (Unicode Standard, section 4.5).
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The same without the newline, which in JSON text stands between values. */
const HIDDEN_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** What most text is made of: Unicode's tables are large, and made only where they are needed. */
const USUAL = /^[ -~]*$/;
const USUAL_JSON = /^[ -~\n]*$/;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The code units of a character as `\uXXXX`, which are two beyond U+FFFF (RFC 8259 section 7). */
function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/**
 * Shows a text in one line. For people: a backslash is left alone, so that the text cannot be told from one that has
 * these escapes itself.
 *
 * @param text of any origin
 * @returns the text with its hidden characters as `\n`, `\r`, `\t` or `\u001b`
 *
 * @example A name that would turn a terminal red
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(visible("db\x1b[31m\n"), "db\\u001b[31m\\n");
 * ```
 */
export function visible(text: string): string {
  if (USUAL.test(text)) return text;
  return text.replaceAll(HIDDEN, (character) => SHORT[character] ?? escaped(character));
}

/**
 * Escapes what `JSON.stringify` leaves unescaped: DEL, C1 and format characters.
 *
 * @param json what `JSON.stringify` has returned, with an indent or without
 * @returns JSON text of the same value
 */
export function visibleJson(json: string): string {
  return USUAL_JSON.test(json) ? json : json.replaceAll(HIDDEN_IN_JSON, escaped);
}
