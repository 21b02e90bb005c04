import assert from "node:assert/strict";
import { type ElfSymbol, SymbolBinding, SymbolType } from "../elf.ts";
import type { FunctionSpec } from "../object/programs.ts";
import { instructionBytes } from "../testing_elf.ts";
import { objectError } from "../testing_error.ts";
import { INSTRUCTION_SIZE, Instructions } from "./instruction.ts";
import { linkProgram } from "./linker.ts";

type Word = readonly [code: number, registers: number, offset: number, immediate: number];

const EXIT: Word = [0x95, 0, 0, 0];
const mark = (immediate: number): Word => [0xb7, 0, 0, immediate];
/** A call of a function of the object. */
const call = (immediate: number): Word => [0x85, 0x10, 0, immediate];

const TEXT = 1;
const SECTIONS = ["", ".text", "tc", ".maps"];

function spec(
  name: string,
  section: string,
  start: number,
  words: readonly Word[],
  more: Partial<FunctionSpec> = {},
) {
  const none = { relocations: [], coreRelocations: [], functions: [], lines: new Uint32Array() };
  return { name, section, start, instructions: instructionBytes(...words), ...none, ...more };
}

function symbol(name: string, section: number, value = 0): ElfSymbol {
  return {
    name,
    section,
    value,
    size: 0,
    hidden: false,
    type: SymbolType.FUNC,
    binding: section === 0 ? SymbolBinding.WEAK : SymbolBinding.GLOBAL,
  };
}

/** `.text`: `a` calls `c`, `b` calls `a` and itself is 3 instructions long. */
const A = spec("a", ".text", 0, [mark(10), call(4), EXIT], {
  functions: [{ offset: 0, type: 1 }],
  lines: Uint32Array.of(8, 0, 0, 1),
});
const B = spec("b", ".text", 24, [mark(20), call(-5), EXIT]);
const C = spec("c", ".text", 48, [mark(30), EXIT]);
const OBJECT = { subprograms: [A, B, C], sectionNames: SECTIONS };

const copy = ({ instructions }: FunctionSpec) => new Instructions(instructions.slice());

/** Code and immediate of each instruction. */
function words({ bytes }: Instructions): [number, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: bytes.length / INSTRUCTION_SIZE }, (_, index) => [
    bytes[index * INSTRUCTION_SIZE]!,
    view.getInt32(index * INSTRUCTION_SIZE + 4, true),
  ]);
}

Deno.test("linkProgram() appends what a program calls once, each where it is first called, and calls it there", () => {
  const program = spec("p", "tc", 0, [call(-1), call(-1), EXIT], {
    relocations: [
      { offset: 0, type: 10, symbol: symbol("b", TEXT, 24) },
      { offset: 8, type: 10, symbol: symbol("c", TEXT, 48) },
    ],
  });
  const { instructions, functions, lines } = linkProgram(OBJECT, program, copy);
  assert.deepEqual(words(instructions), [
    // p: b is at 3, c at 9
    ...[[0x85, 2], [0x85, 7], [0x95, 0]],
    // b: a is at 6
    ...[[0xb7, 20], [0x85, 1], [0x95, 0]],
    // a
    ...[[0xb7, 10], [0x85, 1], [0x95, 0]],
    // c
    ...[[0xb7, 30], [0x95, 0]],
  ]);
  assert.deepEqual(functions, [{ offset: 6 * INSTRUCTION_SIZE, type: 1 }]);
  assert.deepEqual([...lines], [7 * INSTRUCTION_SIZE, 0, 0, 1]);
});

Deno.test("linkProgram() calls a static function by the section's symbol and the call's own number", () => {
  const relocations = [{ offset: 0, type: 10, symbol: { ...symbol("", TEXT), type: SymbolType.SECTION } }];
  const { instructions } = linkProgram(OBJECT, spec("p", "tc", 0, [call(5), EXIT], { relocations }), copy);
  assert.deepEqual(words(instructions), [[0x85, 1], [0x95, 0], [0xb7, 30], [0x95, 0]]);
});

Deno.test("linkProgram() gives a function's address as its distance", () => {
  const relocations = [{ offset: 0, type: 1, symbol: { ...symbol("", TEXT), type: SymbolType.SECTION } }];
  const program = spec("p", "tc", 0, [[0x18, 2, 0, 48], [0, 0, 0, 0], EXIT], { relocations });
  const { instructions } = linkProgram(OBJECT, program, copy);
  assert.equal(instructions.bytes[1], 0x42);
  assert.deepEqual(words(instructions), [[0x18, 2], [0, 0], [0x95, 0], [0xb7, 30], [0x95, 0]]);
});

Deno.test("linkProgram() leaves maps and externs to others, at their places in the whole program", () => {
  const withMap = { ...C, relocations: [{ offset: 0, type: 1, symbol: symbol("m", 3) }] };
  const relocations = [
    { offset: 0, type: 10, symbol: symbol("kfunc", 0) },
    { offset: 8, type: 10, symbol: symbol("c", TEXT, 48) },
  ];
  const program = spec("p", "tc", 0, [call(-1), call(-1), EXIT], { relocations });
  const { references } = linkProgram({ ...OBJECT, subprograms: [A, B, withMap] }, program, copy);
  assert.deepEqual(references.map(({ offset, symbol }) => [offset, symbol.name]), [[0, "kfunc"], [24, "m"]]);
});

Deno.test("linkProgram() lets functions call each other in a circle, which the verifier judges", () => {
  const [even, odd] = [spec("even", ".text", 0, [call(1), EXIT]), spec("odd", ".text", 16, [call(-3), EXIT])];
  const relocations = [{ offset: 0, type: 10, symbol: symbol("even", TEXT) }];
  const object = { subprograms: [even, odd], sectionNames: SECTIONS };
  const { instructions } = linkProgram(object, spec("p", "tc", 0, [call(-1), EXIT], { relocations }), copy);
  assert.deepEqual(words(instructions).map(([, immediate]) => immediate), [1, 0, 1, 0, -3, 0]);
});

Deno.test("linkProgram() takes a chain of ten thousand calls without running out of stack", () => {
  const subprograms = Array.from(
    { length: 10_000 },
    (_, index) => spec(`f${index}`, ".text", index * 16, [call(1), EXIT]),
  );
  subprograms.push(spec("last", ".text", 160_000, [mark(1), EXIT]));
  const relocations = [{ offset: 0, type: 10, symbol: symbol("f0", TEXT) }];
  const program = spec("p", "tc", 0, [call(-1), EXIT], { relocations });
  const { instructions } = linkProgram({ subprograms, sectionNames: SECTIONS }, program, copy);
  assert.equal(instructions.bytes.length, 10_002 * 2 * INSTRUCTION_SIZE);
});

Deno.test("linkProgram() rejects calls that lead nowhere, into other sections, and relocations of nothing", () => {
  const reason = (words: readonly Word[], offset: number, target: ElfSymbol) =>
    objectError(() =>
      linkProgram(
        OBJECT,
        spec("p", "tc", 0, words, { relocations: [{ offset, type: 10, symbol: target }] }),
        copy,
      )
    ).message;
  assert.match(reason([call(99), EXIT], 0, symbol("", TEXT)), /p: no function at offset 800 of \.text/);
  assert.match(reason([call(-1), EXIT], 0, symbol("", TEXT, 4)), /p: no function at offset 4 of \.text/);
  assert.match(reason([call(-1), EXIT], 0, symbol("q", 2)), /p: a call of q, not in \.text/);
  assert.match(reason([mark(1), EXIT], 4, symbol("q", 3)), /p: a relocation changes no whole instruction/);
  const inside = [[0x18, 2, 0, 0], [0, 0, 0, 0], EXIT] as const;
  assert.match(reason(inside, 8, symbol("m", 3)), /p: a relocation changes no whole instruction/);
});
