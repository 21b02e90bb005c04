/** What programs an object holds. @module */
import type { CoreRelocation, FuncInfo, SectionInfo } from "../btf/ext.ts";
import { firstIndex } from "../code/first_index.ts";
import { ascendingLines, type LineInfos, linesWithin } from "../code/line_info.ts";
import {
  type ElfObject,
  type ElfSymbol,
  type Relocation,
  type Section,
  SymbolBinding,
  SymbolType,
} from "../elf.ts";
import { ObjectError } from "../object_error.ts";
import { parseSectionName, type ProgramKind } from "./program_kinds.ts";

/** A function as the object holds it, before any relocation. Offsets are in bytes from its start. */
export interface FunctionSpec {
  /** Its name in the source. */
  readonly name: string;
  /** Name of its section. */
  readonly section: string;
  /** Where it begins in its section, in bytes. */
  readonly start: number;
  /** Its instructions, 8 bytes each; shared with the object's bytes. */
  readonly instructions: Uint8Array;
  /** Relocations against maps, global data, functions and externs. */
  readonly relocations: readonly Relocation[];
  /** Relocations by the types of the kernel (CO-RE). */
  readonly coreRelocations: readonly CoreRelocation[];
  /** Which function of the BTF it is. */
  readonly functions: readonly FuncInfo[];
  /** Which lines of the source it comes from. */
  readonly lines: LineInfos;
}

/** A function that the kernel calls. */
export interface ProgramSpec extends FunctionSpec {
  /** What its section's name says; undefined if no kind of program has such a name. */
  readonly kind: ProgramKind | undefined;
  /** What it attaches to, as its section's name says: `sys_enter`, `syscalls/sys_exit_read`. */
  readonly target: string;
  /** False if the section's name begins with `?`. */
  readonly autoload: boolean;
}

/** The section of functions that only programs call. */
export const SUBPROGRAMS = ".text";

type Located = { readonly offset: number };

/** Index of the first record at `offset` or later; records are in ascending order. */
function lowerBound(records: readonly Located[], offset: number): number {
  return firstIndex(records.length, (index) => records[index]!.offset < offset);
}

/** The records of a function, of records in ascending order. */
function within<T extends Located>(records: readonly T[], start: number, length: number): readonly T[] {
  // Of most sections all records are those of its first function, the only one.
  if (start === 0 && (records.at(-1)?.offset ?? 0) < length) return records;
  return records
    .slice(lowerBound(records, start), lowerBound(records, start + length))
    .map((record) => ({ ...record, offset: record.offset - start }));
}

function ascending<T extends Located>(records: readonly T[] = []): readonly T[] {
  const isSorted = records.every(({ offset }, index) => index === 0 || offset >= records[index - 1]!.offset);
  return isSorted ? records : records.toSorted((a, b) => a.offset - b.offset);
}

/** What belongs to the instructions of one section, in ascending order. */
interface SectionRecords {
  readonly relocations: readonly Relocation[];
  readonly info: SectionInfo;
}

function parseFunction(
  section: Section,
  { name, value: start, size: length }: ElfSymbol,
  { relocations, info }: SectionRecords,
): FunctionSpec {
  if (length === 0 || start % 8 !== 0 || length % 8 !== 0 || start + length > section.data.length) {
    throw new ObjectError(section.name, start, `function ${name} has ${length} bytes of instructions`);
  }
  return {
    name,
    section: section.name,
    start,
    instructions: section.data.subarray(start, start + length),
    relocations: within(relocations, start, length),
    coreRelocations: within(info.relocations, start, length),
    functions: within(info.functions, start, length),
    lines: linesWithin(info.lines, start, start + length),
  };
}

/** Functions that share instructions would make a small file cost without bound. */
function checkApart(section: Section, functions: readonly ElfSymbol[]): void {
  let end = 0;
  for (const { name, value, size } of functions) {
    if (value < end) throw new ObjectError(section.name, value, `function ${name} overlaps another`);
    end = value + size;
  }
}

function parseSectionFunctions(
  elf: ElfObject,
  section: Section,
  symbols: readonly ElfSymbol[],
  info: SectionInfo,
): FunctionSpec[] {
  const functions = symbols.toSorted((a, b) => a.value - b.value);
  checkApart(section, functions);
  const local = functions.find(({ binding }) => binding === SymbolBinding.LOCAL);
  if (section.name !== SUBPROGRAMS && local !== undefined) {
    throw new ObjectError(section.name, local.value, `program ${local.name} is static; make it global`);
  }
  const records = { relocations: ascending(elf.relocations.get(section.index)), info };
  return functions.map((symbol) => parseFunction(section, symbol, records));
}

const NO_INFO: SectionInfo = { relocations: [], functions: [], lines: new Uint32Array() };

function inOrder({ relocations, functions, lines }: SectionInfo): SectionInfo {
  return {
    relocations: ascending(relocations),
    functions: ascending(functions),
    lines: ascendingLines(lines),
  };
}

function toProgram(spec: FunctionSpec): ProgramSpec {
  const { kind, target = "", autoload = true } = parseSectionName(spec.section) ?? {};
  return { ...spec, kind, target, autoload };
}

/** The functions of an object. */
export interface Functions {
  /** Those that the kernel calls, in the order of the object's sections. */
  readonly programs: readonly ProgramSpec[];
  /** Those of `.text`, which programs call, in ascending order of their start. */
  readonly subprograms: readonly FunctionSpec[];
}

/**
 * The functions of an object.
 *
 * @throws {ObjectError} if a function lies outside of its section, overlaps another, or a program is static
 */
export function parseFunctions(elf: ElfObject, info: ReadonlyMap<string, SectionInfo>): Functions {
  const bySection = Map.groupBy(
    elf.symbols.filter(({ type }) => type === SymbolType.FUNC),
    ({ section }) => section,
  );
  // Once for each name, not for each section: many may have the same name.
  const ordered = new Map([...info].map(([name, records]) => [name, inOrder(records)]));
  const functions = elf.sections
    .filter(({ executable, size }) => executable && size > 0)
    .flatMap((section) =>
      parseSectionFunctions(
        elf,
        section,
        bySection.get(section.index) ?? [],
        ordered.get(section.name) ?? NO_INFO,
      )
    );
  return {
    programs: functions.filter(({ section }) => section !== SUBPROGRAMS).map(toProgram),
    subprograms: functions.filter(({ section }) => section === SUBPROGRAMS),
  };
}
