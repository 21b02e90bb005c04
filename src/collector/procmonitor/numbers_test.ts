import assert from "node:assert/strict";
import { parseNamed, parseNumber, parseOnly } from "./numbers.ts";

Deno.test("parseNumber() takes 64-bit decimals and nothing else", () => {
  assert.equal(parseNumber("0"), 0n);
  assert.equal(parseNumber("18446744073709551615"), 2n ** 64n - 1n);
  for (
    const text of ["", " 1", "1 ", "-1", "+1", "1.5", "0x10", "1e3", "max", "\0", "18446744073709551616"]
  ) {
    assert.equal(parseNumber(text), undefined, JSON.stringify(text));
  }
  assert.equal(parseNumber("9".repeat(1_000_000)), undefined);
});

Deno.test("parseOnly() takes a number with or without the end of a line", () => {
  assert.equal(parseOnly("4096\n"), 4096n);
  assert.equal(parseOnly("4096"), 4096n);
  for (const text of ["max\n", "", "\n", "1\n2\n", "4096\n\n"]) assert.equal(parseOnly(text), undefined);
});

Deno.test("parseNamed() leaves out what is no name with a number", () => {
  const text = "low 0\nhigh 12\nmax\n 3 4\noom_kill 18446744073709551616\noom 7 7\n\xff\0\noom_group_kill 1";
  assert.deepEqual([...parseNamed(text)], [["low", 0n], ["high", 12n], ["oom_group_kill", 1n]]);
  assert.deepEqual([...parseNamed("")], []);
});
