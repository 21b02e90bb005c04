import assert from "node:assert/strict";
import { parseElf, SectionType, SymbolBinding, SymbolType } from "./elf.ts";
import type { ObjectError } from "./object_error.ts";
import { buildElf, relocationEntries, type TestSection, type TestSymbol } from "./testing_elf.ts";
import { objectError } from "./testing_error.ts";

const TEXT: TestSection = {
  name: "tp_btf/x",
  type: SectionType.PROGBITS,
  data: new Uint8Array(16),
  flags: 4,
};
const BSS: TestSection = { name: ".bss", type: SectionType.NOBITS, data: new Uint8Array(), size: 4096 };
const SYMBOL: TestSymbol = { name: "f", info: 0x12, section: 1, value: 8, size: 8 };

function relocations(entries: Parameters<typeof relocationEntries>[0], info = 1): TestSection {
  return { name: ".rel", type: SectionType.REL, data: relocationEntries(entries), info };
}

function rejected(bytes: Uint8Array): ObjectError {
  return objectError(() => parseElf(bytes));
}

/** The object with one change, made through a view of its bytes. */
function changed(change: (view: DataView, table: number) => void): ObjectError {
  const bytes = buildElf([TEXT, relocations([[0, 1, 1]])], [SYMBOL]);
  const view = new DataView(bytes.buffer);
  change(view, Number(view.getBigUint64(40, true)));
  return rejected(bytes);
}

Deno.test("parseElf() reads sections, symbols and relocations", () => {
  const { sections, symbols, relocations: parsed } = parseElf(
    buildElf([TEXT, BSS, relocations([[8, 1, 1]])], [SYMBOL]),
  );
  assert.deepEqual(sections.map(({ name }) => name), ["", "tp_btf/x", ".bss", ".rel", ".symtab", ".strtab"]);
  assert.deepEqual(sections.map(({ executable }) => executable), [false, true, false, false, false, false]);
  assert.deepEqual([sections[2]!.size, sections[2]!.data.length], [4096, 0]);
  const symbol = {
    name: "f",
    type: SymbolType.FUNC,
    binding: SymbolBinding.GLOBAL,
    hidden: false,
    section: 1,
    value: 8,
    size: 8,
  };
  assert.deepEqual(symbols[1], symbol);
  assert.deepEqual([...parsed], [[1, [{ offset: 8, type: 1, symbol }]]]);
});

Deno.test("parseElf() rejects what is not ELF, and says how to make an object", () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(100), new TextEncoder().encode("#!/bin/sh\n")]) {
    const { section, offset, message } = rejected(bytes);
    assert.deepEqual([section, offset], ["ELF header", 0]);
    assert.match(message, /not an ELF file; compile the program with clang --target=bpf$/);
  }
});

Deno.test("parseElf() rejects objects of other classes, byte orders, machines and kinds", () => {
  const cases: [at: number, value: number, offset: number, message: RegExp][] = [
    [4, 1, 4, /not a 64-bit/],
    [5, 2, 5, /big-endian, this machine is not; compile with --target=bpfel/],
    [5, 0, 5, /unknown byte order 0/],
    // EM_X86_64
    [18, 62, 18, /machine 62 is not BPF/],
    [16, 2, 16, /not a relocatable object/],
    [58, 40, 58, /section headers of 40 bytes/],
  ];
  for (const [at, value, offset, message] of cases) {
    const error = changed((view) => view.setUint8(at, value));
    assert.deepEqual([error.section, error.offset], ["ELF header", offset]);
    assert.match(error.message, message);
  }
});

Deno.test("parseElf() rejects a table of sections that lies outside of the file", () => {
  assert.equal(changed((view) => view.setBigUint64(40, 1n << 40n, true)).section, "ELF header");
  assert.match(changed((view) => view.setBigUint64(40, 2n ** 64n - 1n, true)).message, /out of range/);
  assert.equal(changed((view) => view.setUint16(60, 0xffff, true)).section, "ELF header");
  assert.match(changed((view) => view.setUint16(62, 400, true)).message, /no section 400 with the section/);
});

Deno.test("parseElf() rejects a section that lies outside of the file, with the header's offset", () => {
  for (const field of [24, 32]) {
    const { section, offset, message } = changed((view, table) =>
      view.setBigUint64(table + 64 + field, 1n << 33n, true)
    );
    assert.deepEqual([section, offset], ["section headers", 64 + 24]);
    assert.match(message, /section 1 ends at \d+, the file at \d+/);
  }
});

Deno.test("parseElf() rejects section names outside of the string table, and strings that do not end", () => {
  const { section, offset } = changed((view, table) => view.setUint32(table + 64, 9999, true));
  assert.deepEqual([section, offset], ["section names", 9999]);
  const last = buildElf([TEXT], [SYMBOL]);
  const table = Number(new DataView(last.buffer).getBigUint64(40, true));
  last[table - 1] = 65;
  assert.match(rejected(last).message, /no name ends/);
});

Deno.test("parseElf() rejects symbols of sections that are not there, but lets absolute ones pass", () => {
  const { section, offset, message } = rejected(buildElf([TEXT], [{ ...SYMBOL, section: 77 }]));
  assert.deepEqual([section, offset], [".symtab", 24 + 6]);
  assert.match(message, /symbol 1 is in section 77, of 4/);
  // SHN_ABS
  assert.equal(parseElf(buildElf([TEXT], [{ ...SYMBOL, section: 0xfff1 }])).symbols.length, 2);
});

Deno.test("parseElf() rejects relocations of symbols, offsets and sections that are not there", () => {
  const symbol = rejected(buildElf([TEXT, relocations([[0, 1, 1], [8, 1, 9]])], [SYMBOL]));
  assert.deepEqual([symbol.section, symbol.offset], [".rel", 16 + 12]);
  assert.match(symbol.message, /no symbol 9/);
  const offset = rejected(buildElf([TEXT, relocations([[16, 1, 1]])], [SYMBOL]));
  assert.deepEqual([offset.section, offset.offset], [".rel", 0]);
  assert.match(offset.message, /offset 16 is outside tp_btf\/x/);
  const section = rejected(buildElf([TEXT, relocations([[0, 1, 1]], 99)], [SYMBOL]));
  assert.match(section.message, /relocations for section 99/);
});

Deno.test("parseElf() rejects an object without a symbol table or without its strings", () => {
  const table = 4;
  const none = changed((view, at) => view.setUint32(at + (table - 1) * 64 + 4, 1, true));
  assert.match(none.message, /no symbol table/);
  const strings = changed((view, at) => view.setUint32(at + (table - 1) * 64 + 40, 1, true));
  assert.deepEqual([strings.section, strings.offset], [".symtab", 0]);
  assert.match(strings.message, /no string table/);
});

Deno.test("parseElf() rejects sections that share bytes, so that a small file stays cheap", () => {
  const bytes = buildElf([TEXT, ...Array(500).fill(relocations([]))], [SYMBOL]);
  const view = new DataView(bytes.buffer);
  const table = Number(view.getBigUint64(40, true));
  for (let index = 2; index < 502; index++) {
    view.setBigUint64(table + index * 64 + 24, 0n, true);
    view.setBigUint64(table + index * 64 + 32, BigInt(bytes.length), true);
  }
  assert.match(rejected(bytes).message, /overlap/);
});
