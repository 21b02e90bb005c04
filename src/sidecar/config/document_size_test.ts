import assert from "node:assert/strict";
import { parse } from "@std/yaml/parse";
import { sizeProblem } from "./document_size.ts";

const MOST = 2 ** 20;

/** Ten lists, each of nine times the one before: 3.5 billion values in 500 bytes. */
const BOMB = Array.from({ length: 10 }, (_, level) => {
  const elements = level === 0 ? "lol" : Array(9).fill(`*a${level - 1}`).join(",");
  return `a${level}: &a${level} [${elements}]`;
}).join("\n");

Deno.test("sizeProblem() accepts what a configuration says, also with aliases", () => {
  assert.equal(sizeProblem(parse("a: &x {b: [1, 2]}\nc: *x\nd: 2002-12-14\ne:"), MOST), undefined);
  assert.equal(sizeProblem(null, MOST), undefined);
});

Deno.test("sizeProblem() stops soon at aliases that make billions of values", () => {
  const before = performance.now();
  assert.match(sizeProblem(parse(BOMB), MOST)!, /aliases make more than 1048576/);
  assert.ok(performance.now() - before < 1000);
});

Deno.test("sizeProblem() counts the characters of a text that many aliases name", () => {
  const text = `a: &a ${"x".repeat(100_000)}\nb: [${Array(100).fill("*a").join(",")}]`;
  assert.match(sizeProblem(parse(text), MOST)!, /aliases make more/);
});

Deno.test("sizeProblem() finds a document that holds itself, and one that is nested too deeply", () => {
  for (const text of ["&a [*a]", "&a {b: *a}", "[".repeat(50) + "]".repeat(50)]) {
    assert.match(sizeProblem(parse(text), MOST)!, /nested more than 32 levels/);
  }
});
