/** A small object that has something of everything, so that changing it leads everywhere. @module */
import { BtfBuilder } from "../../src/elf/btf/testing_btf.ts";
import { BtfKind, SectionType, SymbolType } from "../../src/elf/mod.ts";
import { buildElf, instructionBytes, relocationEntries, type TestSymbol } from "../../src/elf/testing_elf.ts";

const SHF_EXECINSTR = 4;
const GLOBAL = 1 << 4;
const WEAK = 2 << 4;
const R_BPF_64_64 = 1;
const R_BPF_64_ABS64 = 2;
const R_BPF_64_32 = 10;

const KIND_FLAG = 1 << 31;
const BOOL = 4 << 24;
/** What each kind of relocation asks, in the order of the kinds, and what the instruction holds before it. */
const CORE_RELOCATIONS: readonly (readonly [access: string, immediate: number])[] = [
  ["0:1:1:2", 24],
  ["0:1:0:1", 8],
  ["0:5:3:1", 1],
  ["0:2:1", 0],
  ["0:2:1", 23],
  ["0:2:1", 31],
  ["0", 0],
  ["0", 0],
  ["0", 1],
  ["0", 96],
  ["0", 1],
  ["1", -1],
  ["0", 1],
];

/** Sections of the two programs. */
const MAIN = "tp_btf/sys_enter";
const OTHER = "?raw_tp/sys_exit";

type Word = readonly [code: number, registers: number, offset: number, immediate: number];

const EXIT: Word = [0x95, 0, 0, 0];
const LOAD_IMMEDIATE: readonly Word[] = [[0x18, 1, 0, 0], [0, 0, 0, 0]];
const CALL: Word = [0x85, 0x10, 0, -1];
const MOVE: Word = [0xb7, 0, 0, 0];

/** A word of a type's header: flag, kind and number of elements. */
function info(kind: number, vlen = 0, flag = 0): number {
  return flag | kind << 24 | vlen;
}

/** Types that relocations start from; the target has the same with other offsets and values. */
function addRelocatedTypes(btf: BtfBuilder, shift: number, suffix = ""): { task: number; state: number } {
  const int = btf.int("int", 4, { signed: true });
  const u64 = btf.int("u64", 8);
  const char = btf.int("char", 1);
  const union = btf.union("", 8, [["first", int, 0], ["second", u64, 0]]);
  const inner = btf.struct("inner", 24, [["", union, 0], ["list", btf.array(int, 4 - shift), 64]]);
  const qualified = btf.typedef("inner_t", btf.const(inner));
  const bits = btf.struct("bits", 8, [["low", int, shift, 3], ["high", u64, 8 + shift, 33]]);
  const flexible = btf.array(btf.array(char, 2), 0);
  const task = btf.struct(`task${suffix}`, 96, [
    ["pid", int, 32 * shift],
    ["inner", qualified, 64],
    ["bits", bits, 256],
    ["parent", btf.pointer(qualified), 320],
    ["name", btf.array(char, 16), 384],
    ["tail", flexible, 768],
  ]);
  const state = btf.enumeration(`state${suffix}`, [["RUNNING", shift], ["DEAD", -1 - shift]]);
  btf.enumeration64(`mask${suffix}`, [["LARGE", 1n << BigInt(40 + shift)]]);
  return { task, state };
}

/** A target for the relocations of {@linkcode richObject}, with what it attaches to and calls. */
export function richTarget(): Uint8Array<ArrayBuffer> {
  const btf = new BtfBuilder();
  const { task } = addRelocatedTypes(btf, 1);
  const prototype = btf.add("", info(BtfKind.FUNC_PROTO, 1), 1, [btf.string("task"), btf.pointer(task)]);
  btf.typedef("btf_trace_sys_enter", btf.pointer(prototype));
  btf.add("kernel_function", info(BtfKind.FUNC, 1), prototype);
  btf.variable("kernel_variable", 1);
  btf.forward("gone");
  btf.add("user", info(BtfKind.TYPE_TAG), 1);
  return btf.build();
}

/** A `__uint(name, value)` of a map definition: a pointer to an array. */
function uint(btf: BtfBuilder, value: number): number {
  return btf.pointer(btf.array(1, value));
}

function addMaps(btf: BtfBuilder, value: number): void {
  const int = 1;
  const hash = btf.struct("", 32, [
    ["type", uint(btf, 1), 0],
    ["max_entries", uint(btf, 8), 64],
    ["key", btf.pointer(int), 128],
    ["value", btf.pointer(value), 192],
  ]);
  const ofMaps = btf.struct("", 40, [
    ["type", uint(btf, 12), 0],
    ["max_entries", uint(btf, 2), 64],
    ["key_size", uint(btf, 4), 128],
    ["value_size", uint(btf, 4), 192],
    ["values", btf.array(btf.pointer(hash), 0), 256],
  ]);
  const prototype = btf.add("", info(BtfKind.FUNC_PROTO), 1);
  const ofPrograms = btf.struct("", 24, [
    ["type", uint(btf, 3), 0],
    ["max_entries", uint(btf, 2), 64],
    ["key", btf.pointer(int), 128],
    ["values", btf.array(btf.pointer(prototype), 0), 192],
  ]);
  btf.dataSection(".maps", [
    [btf.variable("hash", hash), 0, 32],
    [btf.variable("outer", ofMaps), 32, 48],
    [btf.variable("jumps", ofPrograms), 80, 32],
  ]);
}

function addExterns(btf: BtfBuilder): void {
  const bool = btf.add("_Bool", info(BtfKind.INT), 1, [BOOL | 8]);
  const tristate = btf.enumeration("libbpf_tristate", [["TRI_NO", 0], ["TRI_YES", 1], ["TRI_MODULE", 2]]);
  const extern = (name: string, type: number) => btf.add(name, info(BtfKind.VAR), type, [2]);
  btf.dataSection(".kconfig", [
    [extern("CONFIG_A", bool), 0, 1],
    [extern("CONFIG_B", tristate), 0, 4],
    [extern("CONFIG_C", btf.array(3, 12)), 0, 12],
    [extern("LINUX_KERNEL_VERSION", 1), 0, 4],
  ]);
  const prototype = btf.add("", info(BtfKind.FUNC_PROTO, 1), 1, [btf.string("task"), 1]);
  btf.dataSection(".ksyms", [
    [extern("kernel_variable", 1), 0, 4],
    [btf.add("kernel_function", info(BtfKind.FUNC, 2), prototype), 0, 0],
  ]);
}

function addData(btf: BtfBuilder, task: number): void {
  const float = btf.add("double", info(BtfKind.FLOAT), 8);
  const mixed = btf.add("mixed", info(BtfKind.STRUCT, 2, KIND_FLAG), 16, [
    btf.string("tagged"),
    btf.add("user", info(BtfKind.TYPE_TAG), 1),
    32 << 24,
    btf.string("real"),
    float,
    64,
  ]);
  btf.add("tag", info(BtfKind.DECL_TAG), mixed, [0xffffffff]);
  btf.dataSection(".rodata", [[btf.variable("mixed", mixed), 0, 16]]);
  btf.dataSection(".bss", [[btf.variable("current", task), 0, 96]]);
}

/** Records of one section: the offset of its name, and the words of each record. */
type SectionRecords = readonly [section: number, records: readonly (readonly number[])[]];

function extPart(size: number, sections: readonly SectionRecords[]): number[] {
  return [size, ...sections.flatMap(([name, records]) => [name, records.length, ...records.flat()])];
}

/** `.BTF.ext` with functions and lines of every section, and a CO-RE record of each kind from instruction `first` on. */
function extension(btf: BtfBuilder, first: number, task: number, state: number): Uint8Array {
  const relocations = CORE_RELOCATIONS.map(([access], kind) => {
    const isEnumerator = kind === 10 || kind === 11;
    return [(first + kind) * 8, isEnumerator ? state : task, btf.string(access), kind];
  });
  const prototype = btf.add("", info(BtfKind.FUNC_PROTO), 1);
  const functionOf = (name: string) => btf.add(name, info(BtfKind.FUNC, 1), prototype);
  const line = [btf.string("a.c"), btf.string("return 0;"), 7 << 10 | 3];
  const [main, other, text] = [MAIN, OTHER, ".text"].map((name) => btf.string(name)) as [
    number,
    number,
    number,
  ];
  const parts = [
    extPart(8, [
      [main, [[0, functionOf("main")]]],
      [other, [[0, functionOf("other")]]],
      [text, [[0, functionOf("first")], [24, functionOf("second")]]],
    ]),
    extPart(16, [[main, [[0, ...line], [80, ...line]]], [other, [[0, ...line]]], [text, [[0, ...line], [
      24,
      ...line,
    ]]]]),
    extPart(16, [[main, relocations]]),
  ];
  let offset = 0;
  const places = parts.flatMap((part) => {
    const place = [offset, part.length * 4];
    offset += part.length * 4;
    return place;
  });
  return new Uint8Array(Uint32Array.from([0xeb9f | 1 << 16, 32, ...places, ...parts.flat()]).buffer);
}

/** The object's bytes. */
export function richObject(): Uint8Array<ArrayBuffer> {
  const btf = new BtfBuilder();
  const { task, state } = addRelocatedTypes(btf, 0, "___mine");
  addMaps(btf, task);
  addExterns(btf);
  addData(btf, task);
  const head: readonly Word[] = [
    ...[...LOAD_IMMEDIATE, ...LOAD_IMMEDIATE, ...LOAD_IMMEDIATE, ...LOAD_IMMEDIATE, ...LOAD_IMMEDIATE],
    CALL,
    MOVE,
    // if r0 == 0, the next one is passed over: the kernel has no such function.
    [0x15, 0, 1, 0],
    CALL,
  ];
  const relocated = CORE_RELOCATIONS.map(([, immediate]): Word => [0xb7, 0, 0, immediate]);
  const program = instructionBytes(...head, ...relocated, EXIT);
  const ext = extension(btf, head.length, task, state);
  // first() calls second() without a relocation: both are in one section.
  const text = instructionBytes(MOVE, [0x85, 0x10, 0, 1], EXIT, MOVE, EXIT);
  const second = instructionBytes(CALL, EXIT);
  const code = { type: SectionType.PROGBITS, flags: SHF_EXECINSTR };
  const data = { type: SectionType.PROGBITS };
  const symbols: readonly TestSymbol[] = [
    { name: "main", info: GLOBAL | SymbolType.FUNC, section: 2, value: 0, size: program.length },
    { name: "other", info: GLOBAL | SymbolType.FUNC, section: 3, value: 0, size: second.length },
    { name: "first", info: GLOBAL | SymbolType.FUNC, section: 1, value: 0, size: 24 },
    { name: "second", info: SymbolType.FUNC, section: 1, value: 24, size: 16 },
    { name: "hash", info: GLOBAL | SymbolType.OBJECT, section: 4, value: 0, size: 32 },
    { name: "outer", info: GLOBAL | SymbolType.OBJECT, section: 4, value: 32, size: 48 },
    { name: "jumps", info: GLOBAL | SymbolType.OBJECT, section: 4, value: 80, size: 32 },
    { name: "mixed", info: GLOBAL | SymbolType.OBJECT, section: 5, value: 0, size: 16 },
    { name: "current", info: GLOBAL | SymbolType.OBJECT, section: 10, value: 0, size: 96 },
    { name: "", info: SymbolType.SECTION, section: 1, value: 0, size: 0 },
    { name: "CONFIG_A", info: WEAK, section: 0, value: 0, size: 0 },
    { name: "CONFIG_B", info: WEAK, section: 0, value: 0, size: 0 },
    { name: "CONFIG_C", info: WEAK, section: 0, value: 0, size: 0 },
    { name: "LINUX_KERNEL_VERSION", info: GLOBAL, section: 0, value: 0, size: 0 },
    { name: "kernel_variable", info: WEAK, section: 0, value: 0, size: 0 },
    { name: "kernel_function", info: WEAK, section: 0, value: 0, size: 0 },
  ];
  const indexOf = (name: string) => symbols.findIndex((symbol) => symbol.name === name) + 1;
  const references = ["hash", "current", "mixed", "LINUX_KERNEL_VERSION", "kernel_variable"];
  return buildElf([
    { name: ".text", data: text, ...code },
    { name: MAIN, data: program, ...code },
    { name: OTHER, data: second, ...code },
    { name: ".maps", data: new Uint8Array(112), ...data },
    { name: ".rodata", data: new Uint8Array(16), ...data },
    { name: ".BTF", data: btf.build(), ...data },
    { name: ".BTF.ext", data: ext, ...data },
    { name: "license", data: new TextEncoder().encode("GPL\0"), ...data },
    {
      name: `.rel${MAIN}`,
      type: SectionType.REL,
      info: 2,
      data: relocationEntries([
        ...references.map((name, index) => [index * 16, R_BPF_64_64, indexOf(name)] as const),
        [80, R_BPF_64_32, indexOf("first")],
        [104, R_BPF_64_32, indexOf("kernel_function")],
      ]),
    },
    { name: ".bss", type: SectionType.NOBITS, data: new Uint8Array(), size: 96 },
    {
      name: ".rel.maps",
      type: SectionType.REL,
      info: 4,
      data: relocationEntries([
        [32 + 40, R_BPF_64_ABS64, indexOf("hash")],
        [80 + 24, R_BPF_64_ABS64, indexOf("other")],
      ]),
    },
    {
      name: `.rel${OTHER}`,
      type: SectionType.REL,
      info: 3,
      data: relocationEntries([[0, R_BPF_64_32, indexOf("second")]]),
    },
  ], symbols);
}
