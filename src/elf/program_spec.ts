/** What programs an object holds. @module */
import type { CoreRelocation, FuncInfo, LineInfo, SectionInfo } from "./btf_ext.ts";
import { type ElfObject, type ElfSymbol, type Relocation, type Section, SymbolType } from "./elf.ts";
import { ObjectError } from "./object_error.ts";

/** How a program is attached, as its section name says. */
export type AttachKind =
  | "tp_btf"
  | "fentry"
  | "fexit"
  | "raw_tracepoint"
  | "tracepoint"
  | "kprobe"
  | "kretprobe"
  | "ksyscall"
  | "kretsyscall";

/** A program as the object holds it, before any relocation. */
export interface ProgramSpec {
  /** Name of its function. */
  readonly name: string;
  /** Name of its section. */
  readonly section: string;
  readonly attach: AttachKind;
  /** What follows the first `/` of the section name: `sys_enter`, `syscalls/sys_exit_read`. */
  readonly target: string;
  /** Its instructions, 8 bytes each; shared with the object's bytes. */
  readonly instructions: Uint8Array;
  /** Relocations against maps and global data; offsets from the program's start, in bytes. */
  readonly relocations: readonly Relocation[];
  /** CO-RE relocations; offsets from the program's start. */
  readonly coreRelocations: readonly CoreRelocation[];
  /** Functions; offsets from the program's start. */
  readonly functions: readonly FuncInfo[];
  /** Source lines; offsets from the program's start. */
  readonly lines: readonly LineInfo[];
}

/** Prefixes of section names, as libbpf knows them. */
const SECTION_PREFIXES: ReadonlyMap<string, AttachKind> = new Map([
  ["tp_btf", "tp_btf"],
  ["fentry", "fentry"],
  ["fexit", "fexit"],
  ["raw_tp", "raw_tracepoint"],
  ["raw_tracepoint", "raw_tracepoint"],
  ["tp", "tracepoint"],
  ["tracepoint", "tracepoint"],
  ["kprobe", "kprobe"],
  ["kretprobe", "kretprobe"],
  ["ksyscall", "ksyscall"],
  ["kretsyscall", "kretsyscall"],
]);

function within<T extends { readonly offset: number }>(
  records: readonly T[],
  start: number,
  length: number,
): T[] {
  return records
    .filter(({ offset }) => offset >= start && offset < start + length)
    .map((record) => ({ ...record, offset: record.offset - start }));
}

function parseProgram(
  section: Section,
  symbol: ElfSymbol,
  relocations: readonly Relocation[],
  info: SectionInfo | undefined,
): ProgramSpec {
  const slash = section.name.indexOf("/");
  const attach = SECTION_PREFIXES.get(slash < 0 ? section.name : section.name.slice(0, slash));
  const target = section.name.slice(slash + 1);
  if (attach === undefined || slash < 0 || target === "") {
    const known = [...SECTION_PREFIXES.keys()].map((prefix) => `${prefix}/NAME`).join(", ");
    throw new ObjectError(section.name, symbol.value, `no such kind of program; known are ${known}`);
  }
  const { value: start, size: length } = symbol;
  if (length === 0 || start % 8 !== 0 || length % 8 !== 0 || start + length > section.data.length) {
    throw new ObjectError(section.name, start, `function ${symbol.name} has ${length} bytes of instructions`);
  }
  return {
    name: symbol.name,
    section: section.name,
    attach,
    target,
    instructions: section.data.subarray(start, start + length),
    relocations: within(relocations, start, length),
    coreRelocations: within(info?.relocations ?? [], start, length),
    functions: within(info?.functions ?? [], start, length),
    lines: within(info?.lines ?? [], start, length),
  };
}

/** Functions that share instructions would make a small file cost without bound. */
function checkApart(section: Section, functions: readonly ElfSymbol[]): void {
  let end = 0;
  for (const { name, value, size } of functions.toSorted((a, b) => a.value - b.value)) {
    if (value < end) throw new ObjectError(section.name, value, `function ${name} overlaps another`);
    end = value + size;
  }
}

/**
 * The programs of an object: one for each function in a section whose name says how to attach it.
 *
 * @throws {ObjectError} if a section name is unknown or a function lies outside of its section
 */
export function parsePrograms(elf: ElfObject, info: ReadonlyMap<string, SectionInfo>): ProgramSpec[] {
  return elf.sections.filter(({ executable, size }) => executable && size > 0).flatMap((section) => {
    const functions = elf.symbols.filter((symbol) =>
      symbol.type === SymbolType.FUNC && symbol.section === section.index
    );
    checkApart(section, functions);
    return functions.map((symbol) =>
      parseProgram(section, symbol, elf.relocations.get(section.index) ?? [], info.get(section.name))
    );
  });
}
