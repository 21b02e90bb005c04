import assert from "node:assert/strict";
import { parseNumber } from "./number.ts";

Deno.test("parseNumber() reads decimal numbers from the least on", () => {
  assert.equal(parseNumber("1", 1, true), 1);
  assert.equal(parseNumber("200", 1, true), 200);
  assert.equal(parseNumber("1.4", 1.1, false), 1.4);
});

Deno.test("parseNumber() refuses everything else, and says what is expected", () => {
  for (const text of ["0", "-1", "1.5", "1e3", "0x10", "", " 1", "Infinity", "NaN", "12345678901"]) {
    assert.throws(() => parseNumber(text, 1, true), {
      message: `expected a whole number from 1 on, got ${JSON.stringify(text)}`,
    });
  }
  assert.throws(() => parseNumber("1", 1.1, false), { message: 'expected a number from 1.1 on, got "1"' });
});
