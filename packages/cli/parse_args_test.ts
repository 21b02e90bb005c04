import assert from "node:assert/strict";
import { parseArgs } from "@std/cli";
import { parseArgs as parseArgsOfSubpath } from "@std/cli/parse-args";

Deno.test("parseArgs() is exported by the package and by its parse-args subpath", () => {
  assert.equal(parseArgs, parseArgsOfSubpath);
});

Deno.test("parseArgs() reads values after a space or an equals sign", () => {
  const options = { string: ["foo", "bar"] };
  assert.deepEqual(parseArgs(["--foo", "a", "--bar=b=c", "./x"], options), {
    foo: "a",
    bar: "b=c",
    _: ["./x"],
  });
});

Deno.test("parseArgs() gives switches false unless they are given", () => {
  const options = { boolean: ["on", "off", "no"] };
  assert.deepEqual(parseArgs(["--on", "word", "--no=false"], options), {
    on: true,
    off: false,
    no: false,
    _: ["word"],
  });
  assert.deepEqual(parseArgs(["--on", "false"], options).on, false);
});

Deno.test("parseArgs() gives a text option without a value the empty text", () => {
  const options = { string: ["foo"], boolean: ["bar"] };
  assert.deepEqual(parseArgs(["--foo", "--bar"], options), { foo: "", bar: true, _: [] });
  assert.deepEqual(parseArgs(["--foo"], options), { foo: "", bar: false, _: [] });
});

Deno.test("parseArgs() keeps the last value, or all of them where they are collected", () => {
  assert.equal(parseArgs(["--foo", "a", "--foo", "b"], { string: ["foo"] }).foo, "b");
  const options = { string: ["foo", "none"], collect: ["foo", "none"] };
  assert.deepEqual(parseArgs(["--foo", "a", "--foo", "b"], options), { foo: ["a", "b"], none: [], _: [] });
});

Deno.test("parseArgs() sets every alias, by long and by short name", () => {
  const options = { boolean: ["help", "all"], string: ["file"], alias: { help: "h", all: "a", file: ["f"] } };
  const expected = { help: true, h: true, all: true, a: true, file: "x", f: "x", _: [] };
  assert.deepEqual(parseArgs(["-ha", "-f", "x"], options), expected);
  assert.deepEqual(parseArgs(["--help", "--all", "--file=x"], options), expected);
});

Deno.test("parseArgs() fills in defaults of names that are not given", () => {
  const options = { string: ["foo", "bar"], default: { foo: "a", bar: "b" } };
  assert.deepEqual(parseArgs(["--foo", "c"], options), { foo: "c", bar: "b", _: [] });
});

Deno.test("parseArgs() tells of every undeclared argument and leaves out what is refused", () => {
  const heard: unknown[] = [];
  const unknown = (...parameters: unknown[]) => heard.push(parameters) > 2;
  const parsed = parseArgs(["word", "--bar=1", "--baz", "-q", "--foo", "x"], { string: ["foo"], unknown });
  assert.deepEqual(heard, [["word"], ["--bar=1", "bar", "1"], ["--baz", "baz", true], ["-q", "q", true]]);
  assert.deepEqual(parsed, { _: [], baz: true, q: true, foo: "x" });
});

Deno.test("parseArgs() turns numeric text into numbers unless the name is declared as text", () => {
  assert.deepEqual(parseArgs(["1", "--n", "2"]), { _: [1], n: 2 });
  assert.deepEqual(parseArgs(["1", "--n", "2"], { string: ["_", "n"] }), { _: ["1"], n: "2" });
});

Deno.test("parseArgs() takes nothing after two dashes for an option", () => {
  const args = ["--foo", "--", "--bar"];
  assert.deepEqual(parseArgs(args, { boolean: ["foo"] }), { foo: true, _: ["--bar"] });
  assert.deepEqual(parseArgs(args, { boolean: ["foo"], "--": true }), { foo: true, _: [], "--": ["--bar"] });
});

Deno.test("parseArgs() with stopEarly leaves everything after the first word alone", () => {
  assert.deepEqual(parseArgs(["--foo", "word", "--foo"], { boolean: ["foo"], stopEarly: true }), {
    foo: true,
    _: ["word", "--foo"],
  });
});
