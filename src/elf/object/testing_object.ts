/** A small object as clang would make it, for tests: two maps, constants, one program. @module */
import { BtfBuilder } from "../btf/testing_btf.ts";
import { SectionType } from "../elf.ts";
import { buildElf, instructionBytes, relocationEntries, type TestSection } from "../testing_elf.ts";

const SHF_EXECINSTR = 4;
const GLOBAL_OBJECT = 0x11;
const GLOBAL_FUNC = 0x12;
/** R_BPF_64_64 */
const REFERENCE = 1;

/** Sizes and types that {@linkcode buildObject} puts into its map definitions. */
export const SAMPLE = { mapType: 6, maxEntries: 3, valueSize: 24, constantOffset: 4, program: "btf_open" };

/** A `__uint(name, value)` of a map definition: a pointer to an array. */
function uint(btf: BtfBuilder, value: number): number {
  return btf.pointer(btf.array(1, value));
}

function buildBtf(btf: BtfBuilder): void {
  const int = btf.int("int", 4, { signed: true });
  const value = btf.struct("value", SAMPLE.valueSize, [["count", btf.int("u64", 8), 0]]);
  const definition = btf.struct("", 32, [
    ["type", uint(btf, SAMPLE.mapType), 0],
    ["max_entries", uint(btf, SAMPLE.maxEntries), 64],
    ["key", btf.pointer(int), 128],
    ["value", btf.pointer(value), 192],
  ]);
  // Without section size and offset, which clang leaves to the linker.
  btf.dataSection(".maps", [[btf.variable("counters", definition), 0, 32]]);
  const first = btf.variable("first", int);
  const second = btf.variable("second", int);
  btf.dataSection(".rodata", [[second, 0, 4], [first, 0, 4]]);
}

/** Records of one program section; `section` is the offset of its name. */
interface ExtRecords {
  readonly section: number;
  readonly records: readonly (readonly number[])[];
}

function extPart(size: number, { section, records }: ExtRecords): number[] {
  return [size, section, records.length, ...records.flat()];
}

/** `.BTF.ext` with function, line and CO-RE records of one section. */
export function buildBtfExt(functions: ExtRecords, lines: ExtRecords, relocations: ExtRecords): Uint8Array {
  const parts = [extPart(8, functions), extPart(16, lines), extPart(16, relocations)];
  const header = [0xeb9f | 1 << 16, 32];
  let offset = 0;
  for (const part of parts) {
    header.push(offset, part.length * 4);
    offset += part.length * 4;
  }
  return new Uint8Array(Uint32Array.from([...header, ...parts.flat()]).buffer);
}

/** The object's bytes. */
export function buildObject({ programSection = "tp_btf/sys_enter" } = {}): Uint8Array<ArrayBuffer> {
  const btf = new BtfBuilder();
  buildBtf(btf);
  const section = btf.string(programSection);
  const access = btf.string("0:0");
  const ext = buildBtfExt(
    { section, records: [[0, 0]] },
    { section, records: [[0, btf.string("a.c"), btf.string("return 0;"), 7 << 10 | 3]] },
    { section, records: [[32, 3, access, 2]] },
  );
  const program = instructionBytes(
    [0x18, 1, 0, 0],
    [0, 0, 0, 0],
    [0x18, 2, 0, 0],
    [0, 0, 0, 0],
    [0xb7, 0, 0, 1],
    [0x95, 0, 0, 0],
  );
  const sections: TestSection[] = [
    { name: programSection, type: SectionType.PROGBITS, data: program, flags: SHF_EXECINSTR },
    { name: ".maps", type: SectionType.PROGBITS, data: new Uint8Array(32) },
    { name: ".rodata", type: SectionType.PROGBITS, data: Uint8Array.from([1, 0, 0, 0, 2, 0, 0, 0]) },
    { name: ".BTF", type: SectionType.PROGBITS, data: btf.build() },
    { name: ".BTF.ext", type: SectionType.PROGBITS, data: ext },
    { name: "license", type: SectionType.PROGBITS, data: new TextEncoder().encode("GPL\0") },
    {
      name: `.rel${programSection}`,
      type: SectionType.REL,
      data: relocationEntries([[0, REFERENCE, 2], [16, REFERENCE, 4]]),
      info: 1,
    },
    { name: ".bss", type: SectionType.NOBITS, data: new Uint8Array(), size: 16 },
  ];
  return buildElf(sections, [
    { name: SAMPLE.program, info: GLOBAL_FUNC, section: 1, value: 0, size: program.length },
    { name: "counters", info: GLOBAL_OBJECT, section: 2, value: 0, size: 32 },
    { name: "first", info: GLOBAL_OBJECT, section: 3, value: 0, size: 4 },
    { name: "second", info: GLOBAL_OBJECT, section: 3, value: SAMPLE.constantOffset, size: 4 },
  ]);
}
