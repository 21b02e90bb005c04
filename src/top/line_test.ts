import assert from "node:assert/strict";
import { beside, fit, justify, type Line, paint, span, widthOf } from "./line.ts";

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

Deno.test("span() shows what moves the cursor as its escape, and what may be wider than a column as a question mark", () => {
  assert.equal(span("a\x1b[2Jb\n\u4e2d\u{1f600}\u0301c").text, "a\\u001b[2Jb\\n???c");
  assert.equal(span("\u2264\u2500\u2588").text, "\u2264\u2500\u2588");
});

Deno.test("fit() cuts what is too long, and fills up what is too short", () => {
  const line = [span("abc", "good"), span("def")];
  assert.deepEqual(fit(line, 4), [{ text: "abc", style: "good" }, { text: "d", style: "plain" }]);
  assert.equal(textOf(fit(line, 8)), "abcdef  ");
  assert.equal(textOf(fit(line, 0)), "");
});

Deno.test("justify() keeps the right end and cuts the left one", () => {
  assert.equal(textOf(justify([span("left")], [span("right")], 12)), "left   right");
  assert.equal(textOf(justify([span("left")], [span("right")], 7)), "leright");
  assert.equal(textOf(justify([span("left")], [span("right")], 3)), "rig");
});

Deno.test("beside() fills up the shorter column", () => {
  const lines = beside([[span("a")], [span("bcd")]], [[span("x")]], 2, 1);
  assert.deepEqual(lines.map(textOf), ["a  x ", "bc   "]);
  assert.deepEqual(lines.map(widthOf), [5, 5]);
});

Deno.test("paint() writes colours only where they are wanted", () => {
  const line = [span("a"), span("b", "good")];
  assert.equal(paint(line, true), "a\x1b[32mb\x1b[0m");
  assert.equal(paint(line, false), "ab");
});
