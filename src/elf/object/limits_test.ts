/** Objects of a few megabytes that are made to take for ever: the work is at most as long as the object. */
import assert from "node:assert/strict";
import { BtfKind } from "../btf/btf.ts";
import { btfForKernel } from "../btf/image.ts";
import { BtfBuilder } from "../btf/testing_btf.ts";
import { SectionType } from "../elf.ts";
import { ObjectError } from "../object_error.ts";
import {
  buildElf,
  instructionBytes,
  relocationEntries,
  type TestSection,
  type TestSymbol,
} from "../testing_elf.ts";
import { parseObject } from "./object.ts";
import { buildBtfExt } from "./testing_object.ts";

/** Ten times that, and more, if one table is searched for each record of another. */
const MOST_MILLISECONDS = 1000;

const SHF_EXECINSTR = 4;
const GLOBAL_OBJECT = 0x11;
const NO_RECORDS = { section: 0, records: [] };

function section(name: string, data: Uint8Array, more: Partial<TestSection> = {}): TestSection {
  return { name, type: SectionType.PROGBITS, data, ...more };
}

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** An object with this BTF as section 1, and what else is given from 2 on. */
function objectWith(btf: BtfBuilder, sections: readonly TestSection[], symbols: readonly TestSymbol[] = []) {
  return buildElf([section(".BTF", btf.build()), ...sections], symbols);
}

const HOSTILE: Readonly<Record<string, () => Uint8Array<ArrayBuffer>>> = {
  "sections, and data sections in the BTF": () => {
    const btf = new BtfBuilder();
    for (let count = 0; count < 30_000; count++) btf.add("y", BtfKind.DATASEC << 24, 0);
    return objectWith(btf, repeat(25_000, () => section("x", new Uint8Array())));
  },
  "sections of relocations for one section": () => {
    const entry = relocationEntries([[0, 1, 0]]);
    const rel = () => section(".rel", entry, { type: SectionType.REL, info: 1 });
    return objectWith(new BtfBuilder(), repeat(40_000, rel));
  },
  "program sections of one name, and records for that name in the wrong order": () => {
    const btf = new BtfBuilder();
    const name = btf.string("xdp");
    const records = repeat(20_000, (index) => [(20_000 - index) * 8, 0]);
    const ext = buildBtfExt({ section: name, records }, NO_RECORDS, NO_RECORDS);
    const program = () => section("xdp", instructionBytes([0x95, 0, 0, 0]), { flags: SHF_EXECINSTR });
    return objectWith(btf, [section(".BTF.ext", ext), ...repeat(20_000, program)]);
  },
  "maps at one place, and relocations there": () => {
    const btf = new BtfBuilder();
    const int = btf.int("int", 4);
    const type = btf.pointer(btf.array(int, 12));
    const inner = btf.struct("", 8, [["type", type, 0]]);
    const outer = btf.struct("", 16, [["type", type, 0], ["values", btf.array(btf.pointer(inner), 0), 64]]);
    const size = 80_000;
    btf.dataSection(".maps", repeat(10_000, () => [btf.variable("m", outer), 0, size] as const));
    const entries = repeat(size / 8 - 1, (index) => [8 + index * 8, 2, 1] as const);
    const rel = section(".rel.maps", relocationEntries(entries), { type: SectionType.REL, info: 2 });
    const symbol = { name: "m", info: GLOBAL_OBJECT, section: 2, value: 0, size: 16 };
    return objectWith(btf, [section(".maps", new Uint8Array(size)), rel], [symbol]);
  },
  "maps that share a definition": () => {
    const btf = new BtfBuilder();
    const type = btf.pointer(btf.array(btf.int("int", 4), 1));
    const definition = btf.struct("", 8, repeat(20_000, () => ["type", type, 0] as const));
    btf.dataSection(".maps", repeat(10_000, () => [btf.variable("m", definition), 0, 0] as const));
    return objectWith(btf, []);
  },
  "sections of global data, and symbols": () => {
    const data = () => section(".data.x", new Uint8Array(1));
    const symbol = { name: ".data.x", info: GLOBAL_OBJECT, section: 2, value: 0, size: 1 };
    const btf = new BtfBuilder();
    const int = btf.int("int", 4);
    for (let count = 0; count < 30_000; count++) btf.pointer(int);
    return objectWith(btf, repeat(30_000, data), repeat(30_000, () => symbol));
  },
  "data sections of options, and options": () => {
    const btf = new BtfBuilder();
    const int = btf.int("int", 4);
    const names = repeat(5000, (index) => `CONFIG_${index}`);
    const option = (name: string) => [btf.add(name, BtfKind.VAR << 24, int, [2]), 0, 4] as const;
    btf.dataSection(".kconfig", names.map(option));
    for (let count = 0; count < 20_000; count++) btf.dataSection(".kconfig", []);
    const symbols = names.map((name) => ({ name, info: 0x10, section: 0, value: 0, size: 0 }));
    return objectWith(btf, [], symbols);
  },
};

for (const [what, build] of Object.entries(HOSTILE)) {
  Deno.test(`parseObject() takes no more than a moment for thousands of ${what}`, () => {
    const bytes = build();
    const start = performance.now();
    try {
      const { btf, externs, hidden } = parseObject(bytes);
      btfForKernel(btf, externs, hidden, () => true);
    } catch (error) {
      assert.ok(error instanceof ObjectError, String(error));
    }
    const milliseconds = performance.now() - start;
    assert.ok(milliseconds < MOST_MILLISECONDS, `${milliseconds} ms for ${bytes.length} bytes`);
  });
}
