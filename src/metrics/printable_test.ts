import assert from "node:assert/strict";
import { visible, visibleJson } from "./printable.ts";

/** A character of each kind, and how it is shown. */
const HIDDEN: readonly (readonly [character: string, shown: string, kind: string])[] = [
  ["\0", "\\u0000", "NUL"],
  ["\x07", "\\u0007", "BEL"],
  ["\b", "\\u0008", "backspace"],
  ["\t", "\\t", "tab"],
  ["\n", "\\n", "newline"],
  ["\r", "\\r", "carriage return"],
  ["\x1b", "\\u001b", "ESC"],
  ["\x7f", "\\u007f", "DEL"],
  ["\x80", "\\u0080", "the first of C1"],
  ["\x85", "\\u0085", "next line"],
  ["\x9b", "\\u009b", "CSI"],
  ["\x9f", "\\u009f", "the last of C1"],
  ["\xad", "\\u00ad", "soft hyphen"],
  ["\u061c", "\\u061c", "Arabic letter mark"],
  ["\u200b", "\\u200b", "zero width space"],
  ["\u200f", "\\u200f", "right-to-left mark"],
  ["\u2028", "\\u2028", "line separator"],
  ["\u2029", "\\u2029", "paragraph separator"],
  ["\u202e", "\\u202e", "right-to-left override"],
  ["\u2066", "\\u2066", "left-to-right isolate"],
  ["\ufeff", "\\ufeff", "byte order mark"],
  ["\ud800", "\\ud800", "half of a pair"],
  ["\udfff", "\\udfff", "the other half"],
  ["\u{e0041}", "\\udb40\\udc41", "a tag character"],
];

const SHOWN = [
  "",
  "banyand",
  " !~",
  'a"b\\c',
  "M\xfcnchen",
  "\xa0",
  "\u65e5\u672c",
  "\u{1f600}",
  "\ufffd",
  "\u2026",
];

Deno.test("visible() shows a character that acts, breaks the line or is not seen", () => {
  for (const [character, shown, kind] of HIDDEN) assert.equal(visible(`a${character}b`), `a${shown}b`, kind);
});

Deno.test("visible() leaves text alone that can be seen, in any language", () => {
  for (const text of SHOWN) assert.equal(visible(text), text);
});

Deno.test("visible() and visibleJson() leave nothing hidden of any code point", () => {
  const codePoints = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
  const all = codePoints.join(" ");
  const isHidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  assert.ok(!isHidden.test(visible(all)));
  const json = visibleJson(JSON.stringify(codePoints));
  assert.ok(!isHidden.test(json));
  assert.deepEqual(JSON.parse(json), codePoints);
});

Deno.test("visibleJson() keeps the value and the lines of indented JSON", () => {
  const value = { "\x9b": HIDDEN.map(([character]) => character), b: [SHOWN] };
  const json = visibleJson(JSON.stringify(value, null, 2));
  assert.deepEqual(JSON.parse(json), value);
  assert.ok(json.startsWith('{\n  "\\u009b": [\n'));
});
