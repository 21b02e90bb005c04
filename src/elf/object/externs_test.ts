import assert from "node:assert/strict";
import { BtfKind, parseBtf } from "../btf/btf.ts";
import { BtfBuilder } from "../btf/testing_btf.ts";
import { type ElfSymbol, SymbolBinding, SymbolType } from "../elf.ts";
import { objectError } from "../testing_error.ts";
import { parseExterns } from "./externs.ts";

/** `linkage` of an extern variable. */
const EXTERN = 2;

/** A declaration: name, type, whether it is weak. */
type Declaration = readonly [name: string, type: (btf: BtfBuilder) => number, weak?: boolean];

function undefinedSymbol(name: string, weak = false): ElfSymbol {
  const binding = weak ? SymbolBinding.WEAK : SymbolBinding.GLOBAL;
  return { name, type: SymbolType.NOTYPE, binding, hidden: false, section: 0, value: 0, size: 0 };
}

function externsOf(section: string, declarations: readonly Declaration[], extra: readonly ElfSymbol[] = []) {
  const btf = new BtfBuilder();
  const variables = declarations.map(([name, type]) => btf.add(name, BtfKind.VAR << 24, type(btf), [EXTERN]));
  btf.dataSection(section, variables.map((id) => [id, 0, 0]));
  const symbols = declarations.map(([name, , weak]) => undefinedSymbol(name, weak));
  return parseExterns(
    { sections: [], symbols: [...symbols, ...extra], relocations: new Map() },
    parseBtf(btf.build()),
  );
}

const int = (size: number, signed = false) => (btf: BtfBuilder) => btf.int(`int${size}`, size, { signed });
const bool = (btf: BtfBuilder) => btf.add("bool", BtfKind.INT << 24, 1, [4 << 24 | 8]);
const text = (length: number) => (btf: BtfBuilder) => btf.array(btf.int("char", 1, { signed: true }), length);

Deno.test("parseExterns() places options by falling alignment, then by size, then by name", () => {
  const { kconfig, kconfigSize } = externsOf(".kconfig", [
    ["CONFIG_TEXT", text(5)],
    ["CONFIG_B", int(4)],
    ["CONFIG_A", int(4, true), true],
    ["CONFIG_BOOL", bool],
    ["CONFIG_LONG", int(8)],
    ["CONFIG_TRISTATE", (btf) => btf.enumeration("libbpf_tristate", [["TRI_NO", 0]])],
  ]);
  assert.deepEqual(kconfig.map(({ name, type, offset, size }) => [name, type, offset, size]), [
    ["CONFIG_LONG", "integer", 0, 8],
    ["CONFIG_A", "integer", 8, 4],
    ["CONFIG_B", "integer", 12, 4],
    ["CONFIG_TRISTATE", "tristate", 16, 4],
    ["CONFIG_BOOL", "bool", 20, 1],
    ["CONFIG_TEXT", "string", 21, 5],
  ]);
  assert.equal(kconfigSize, 26);
  assert.deepEqual(kconfig.filter(({ weak }) => weak).map(({ name, signed }) => [name, signed]), [[
    "CONFIG_A",
    true,
  ]]);
});

Deno.test("parseExterns() tells typed variables of the kernel from those of which only the address is wanted", () => {
  const { ksyms, kconfigSize } = externsOf(".ksyms", [
    ["address", (btf) => btf.const(0), true],
    ["typed", (btf) => btf.const(btf.int("int", 4))],
  ]);
  assert.deepEqual(ksyms.map(({ name, weak, isFunction, type }) => [name, weak, isFunction, type > 0]), [
    ["address", true, false, false],
    ["typed", false, false, true],
  ]);
  assert.equal(kconfigSize, 0);
});

Deno.test("parseExterns() rejects types that no option can have, and what is declared nowhere", () => {
  for (
    const type of [
      int(16),
      (btf: BtfBuilder) => btf.enumeration("other", [["A", 0]]),
      (btf: BtfBuilder) => btf.pointer(0),
    ]
  ) {
    const { message } = objectError(() => externsOf(".kconfig", [["CONFIG_X", type]]));
    assert.match(message, /\.kconfig extern CONFIG_X has a type that no option can have/);
  }
  const { message } = objectError(() => externsOf(".ksyms", [], [undefinedSymbol("printf")]));
  assert.match(message, /extern printf is neither in \.kconfig nor in \.ksyms/);
});

Deno.test("parseExterns() rejects an enumeration of another size than four as a tristate", () => {
  for (const size of [0, 8]) {
    const type = (btf: BtfBuilder) => btf.add("libbpf_tristate", BtfKind.ENUM << 24, size);
    const { message } = objectError(() => externsOf(".kconfig", [["CONFIG_X", type]]));
    assert.match(message, /CONFIG_X has a type that no option can have/);
  }
});

Deno.test("parseExterns() takes no memory for a text of absurd length", () => {
  const { section, message } = objectError(() => externsOf(".kconfig", [["CONFIG_X", text(0xffffffff)]]));
  assert.equal(section, ".kconfig");
  assert.match(message, /4294967295 bytes; there may be 1048576/);
});
