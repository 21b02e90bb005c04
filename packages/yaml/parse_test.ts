import assert from "node:assert/strict";
import { parse } from "@std/yaml";
import { parse as parseOfSubpath } from "@std/yaml/parse";

Deno.test("parse() is exported by the package and by its parse subpath", () => {
  assert.equal(parse, parseOfSubpath);
});

Deno.test("parse() gives null for input without a document", () => {
  for (const text of ["", " \n\n ", "# only a comment\n", "---\n", "~"]) {
    assert.equal(parse(text), null, text);
  }
});

Deno.test("parse() reads mappings, lists, texts and null", () => {
  assert.deepEqual(parse("a: {b: [x, 'y']}\nc:\nd: 127.0.0.1:9090"), {
    a: { b: ["x", "y"] },
    c: null,
    d: "127.0.0.1:9090",
  });
});

Deno.test("parse() reads booleans as YAML 1.2 does", () => {
  assert.deepEqual(parse("[true, False, TRUE, yes, off]"), [true, false, true, "yes", "off"]);
});

Deno.test("parse() reads numbers as YAML 1.1 does", () => {
  assert.deepEqual(parse("[42, -42, 1_000, 0x1A, 012, 1:15, 3.14, .inf]"), [
    42,
    -42,
    1000,
    26,
    10,
    75,
    3.14,
    Infinity,
  ]);
});

Deno.test("parse() reads dates and merge keys", () => {
  assert.deepEqual(parse("- &base {a: 1}\n- {<<: *base, b: 2}\n- 2002-12-14"), [
    { a: 1 },
    { a: 1, b: 2 },
    new Date("2002-12-14"),
  ]);
});

Deno.test("parse() ignores a byte order mark", () => {
  assert.deepEqual(parse("\ufeffa: 1"), { a: 1 });
});

Deno.test("parse() rejects a key that stands twice, naming the line", () => {
  assert.throws(() => parse("a: 1\nb: 2\na: 3\n"), (error) => {
    assert(error instanceof SyntaxError);
    assert.match(error.message, /duplicate.* at line 3, column \d+:/);
    return true;
  });
});

Deno.test("parse() rejects broken YAML, an unknown tag and a second document with a SyntaxError", () => {
  for (const text of ["a: [1, 2", "a: b: c", "a: !!js/undefined ~", "--- 1\n--- 2\n"]) {
    assert.throws(() => parse(text), SyntaxError, text);
  }
});
