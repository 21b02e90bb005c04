import assert from "node:assert/strict";
import { functionOffset } from "./executable.ts";
import { ObjectError } from "./object_error.ts";

const HEADER = 64;
const NAMES = "\0before\0wanted\0";

interface Symbol {
  readonly name: number;
  readonly info: number;
  readonly section: number;
  readonly value: number;
}

/** A file with a section of code that memory has elsewhere, and one table of symbols. */
function file(symbols: readonly Symbol[], tableType = 11): Uint8Array {
  const namesAt = HEADER;
  const symbolsAt = namesAt + 64;
  const sectionsAt = symbolsAt + symbols.length * 24;
  const bytes = new Uint8Array(sectionsAt + 4 * 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2]);
  view.setUint32(40, sectionsAt, true);
  view.setUint16(60, 4, true);
  bytes.set(new TextEncoder().encode(NAMES), namesAt);
  symbols.forEach(({ name, info, section, value }, index) => {
    const at = symbolsAt + index * 24;
    view.setUint32(at, name, true);
    bytes[at + 4] = info;
    view.setUint16(at + 6, section, true);
    view.setUint32(at + 8, value, true);
  });
  const sections = [
    { type: 0, address: 0, offset: 0, size: 0, link: 0 },
    { type: 1, address: 0x401000, offset: 0x1000, size: 0x100, link: 0 },
    { type: tableType, address: 0, offset: symbolsAt, size: symbols.length * 24, link: 3 },
    { type: 3, address: 0, offset: namesAt, size: NAMES.length, link: 0 },
  ];
  sections.forEach(({ type, address, offset, size, link }, index) => {
    const at = sectionsAt + index * 64;
    view.setUint32(at + 4, type, true);
    view.setUint32(at + 16, address, true);
    view.setUint32(at + 24, offset, true);
    view.setUint32(at + 32, size, true);
    view.setUint32(at + 40, link, true);
  });
  return bytes;
}

const [GLOBAL_FUNCTION, GLOBAL_OBJECT] = [0x12, 0x11];
const BEFORE = { name: 1, info: GLOBAL_FUNCTION, section: 1, value: 0x401010 };
const WANTED = { name: 8, info: GLOBAL_FUNCTION, section: 1, value: 0x401234 };

Deno.test("functionOffset() gives the place in the file, of either table of symbols", () => {
  for (const table of [11, 2]) assert.equal(functionOffset(file([BEFORE, WANTED], table), "wanted"), 0x1234);
});

Deno.test("functionOffset() passes over data, functions of other files, and names that only begin so", () => {
  const [data, elsewhere] = [{ ...WANTED, info: GLOBAL_OBJECT }, { ...WANTED, section: 0 }];
  assert.equal(functionOffset(file([data, elsewhere]), "wanted"), undefined);
  assert.equal(functionOffset(file([data, elsewhere, WANTED]), "wanted"), 0x1234);
  assert.equal(functionOffset(file([WANTED]), "want"), undefined);
  assert.equal(functionOffset(file([]), "wanted"), undefined);
});

Deno.test("functionOffset() refuses what is no such file, and tables that lie outside of it", () => {
  assert.throws(() => functionOffset(new TextEncoder().encode("#!/bin/sh\n"), "main"), ObjectError);
  const whole = file([BEFORE, WANTED]);
  assert.throws(() => functionOffset(whole.slice(0, whole.length - 100), "wanted"), ObjectError);
  const cut = whole.slice();
  new DataView(cut.buffer).setUint32(HEADER + 64 + 2 * 24 + 2 * 64 + 32, 1 << 30, true);
  assert.throws(() => functionOffset(cut, "nothing"), ObjectError);
});
