/** A campaign without findings means something only if harm is found. */
import assert from "node:assert/strict";
import { ObjectError } from "../../src/elf/mod.ts";
import { fixedStocks, makeInput } from "./corpus.ts";
import { judge } from "./judge.ts";
import { minimise } from "./minimise.ts";

const NOTHING = new Uint8Array();

Deno.test("judge() finds errors that no one documents, with where they come from", () => {
  const { problem, ending } = judge(() => {
    throw new TypeError("not a function");
  }, NOTHING);
  assert.equal(ending, undefined);
  assert.match(problem ?? "", /^TypeError: not a function\n.*judge_test\.ts/s);
});

Deno.test("judge() finds buffers and a heap that are too large", () => {
  const large = 65 << 20;
  const asks: (() => unknown)[] = [
    () => new ArrayBuffer(large),
    () => new Uint32Array(large / 4),
    () => Array.from({ length: 1 << 21 }, (_, index) => ({ index, next: { index } })),
  ];
  for (const ask of asks) {
    const { problem } = judge(() => {
      ask();
      return "parsed";
    }, NOTHING);
    assert.match(problem ?? "nothing", /^asked for \d+ MiB/);
  }
});

Deno.test("judge() finds what takes longer than a second", () => {
  const { problem } = judge(() => {
    const end = performance.now() + 1001;
    while (performance.now() < end);
    return "parsed";
  }, NOTHING);
  assert.match(problem ?? "nothing", /^took \d+ ms/);
});

Deno.test("every stock is well-formed, and its exercise goes all the way", () => {
  for (const { name, exercise, bytes } of fixedStocks()) {
    assert.equal(judge(exercise, bytes).ending, "parsed", name);
  }
});

Deno.test("makeInput() makes the same input of the same numbers, and another of others", () => {
  const stocks = fixedStocks();
  const input = (seed: number, index: number) => makeInput(stocks, seed, index).bytes.toHex();
  assert.equal(input(1, 2), input(1, 2));
  assert.notEqual(input(1, 2), input(1, 3));
  assert.notEqual(input(1, 2), input(2, 2));
});

Deno.test("minimise() keeps only the change that makes the problem", () => {
  const [stock] = fixedStocks();
  const bytes = stock!.bytes.slice();
  bytes.set([1, 2, 3], 100);
  const exercise = (input: Uint8Array) => {
    if (input[101] === 2) throw new TypeError("two");
    throw new ObjectError("", 0, "");
  };
  const problem = judge(exercise, bytes).problem!;
  const smallest = minimise({ stock: { ...stock!, exercise }, bytes }, problem);
  assert.equal(smallest[101], 2);
  assert.equal(smallest.length, 102);
});
