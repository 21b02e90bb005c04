import assert from "node:assert/strict";
import { parseElf, SectionType } from "../elf.ts";
import { buildElf } from "../testing_elf.ts";
import { objectError } from "../testing_error.ts";
import { parseFunctions } from "./programs.ts";

const GLOBAL_FUNC = 0x12;

/** An object with functions in a section of five instructions. */
function programsOf(functions: readonly (readonly [name: string, value: number, size: number])[]) {
  const section = { name: "raw_tp/x", type: SectionType.PROGBITS, data: new Uint8Array(40), flags: 4 };
  const symbols = functions.map(([name, value, size]) => ({
    name,
    info: GLOBAL_FUNC,
    section: 1,
    value,
    size,
  }));
  const info = {
    functions: [{ offset: 0, type: 1 }, { offset: 16, type: 2 }],
    lines: Uint32Array.from([0, 8, 16, 32].flatMap((offset) => [offset, 1, 1, offset])),
    relocations: [{ offset: 24, type: 1, access: 1, kind: 0 }],
  };
  return parseFunctions(parseElf(buildElf([section], symbols)), new Map([["raw_tp/x", info]])).programs;
}

Deno.test("parseFunctions() gives each function of a section its own records, counted from its start", () => {
  const [first, second] = programsOf([["first", 0, 16], ["second", 16, 24]]);
  assert.deepEqual([first!.instructions.length, second!.instructions.length], [16, 24]);
  assert.deepEqual([...first!.lines], [0, 1, 1, 0, 8, 1, 1, 8]);
  assert.deepEqual([...second!.lines], [0, 1, 1, 16, 16, 1, 1, 32]);
  assert.deepEqual(second!.functions, [{ offset: 0, type: 2 }]);
  assert.deepEqual([first!.coreRelocations.length, second!.coreRelocations[0]?.offset], [0, 8]);
});

Deno.test("parseFunctions() rejects functions that leave their section, are empty, or are not aligned", () => {
  for (const [value, size] of [[0, 48], [40, 8], [0, 0], [4, 8], [0, 12]] as const) {
    const { section, offset, message } = objectError(() => programsOf([["f", value, size]]));
    assert.deepEqual([section, offset], ["raw_tp/x", value]);
    assert.match(message, /function f has \d+ bytes/);
  }
});

Deno.test("parseFunctions() rejects functions that overlap, so that a small file stays cheap", () => {
  const { offset, message } = objectError(() => programsOf([["a", 8, 16], ["b", 0, 16]]));
  assert.equal(offset, 8);
  assert.match(message, /function a overlaps another/);
});
