/**
 * Programs made whole: the sub-programs that a program calls, directly or not, are appended to it.
 *
 * The order is libbpf's: each one where it is first referred to, depth first, so that instructions can be
 * compared.
 *
 * @module
 */
import type { FuncInfo } from "../btf/ext.ts";
import { type Relocation, SHN_UNDEF } from "../elf.ts";
import { type FunctionSpec, SUBPROGRAMS } from "../object/programs.ts";
import { ObjectError } from "../object_error.ts";
import { firstIndex } from "./first_index.ts";
import { CALL, INSTRUCTION_SIZE, Instructions, LD_IMM64 } from "./instruction.ts";
import { type LineInfos, movedLines } from "./line_info.ts";

/** A program with all that it calls. */
export interface LinkedProgram {
  /** The program's own, then those of what it calls. */
  readonly instructions: Instructions;
  /** What is left to be resolved: maps, global data and externs. Offsets are from the program's start. */
  readonly references: readonly Relocation[];
  /** Where each function begins. */
  readonly functions: readonly FuncInfo[];
  /** Which lines of the source all of it comes from. */
  readonly lines: LineInfos;
}

/** What the linker has to know of an object. */
export interface LinkableObject {
  readonly subprograms: readonly FunctionSpec[];
  /** Section names by index. */
  readonly sectionNames: readonly string[];
}

/** A function that has its place. */
interface Placed {
  readonly spec: FunctionSpec;
  readonly code: Instructions;
  /** Where it begins in the program, in bytes. */
  readonly base: number;
  /** The next instruction to look at. */
  at: number;
}

/** Size in bytes of an instruction, by its code. */
function sizeOf(opcode: number | undefined): number {
  return opcode === LD_IMM64 ? 2 * INSTRUCTION_SIZE : INSTRUCTION_SIZE;
}

/** The function of `.text` that an offset lies in; functions are in ascending order. */
function functionAt(subprograms: readonly FunctionSpec[], offset: number): FunctionSpec | undefined {
  const found =
    subprograms[firstIndex(subprograms.length, (index) => subprograms[index]!.start <= offset) - 1];
  return found !== undefined && offset < found.start + found.instructions.length ? found : undefined;
}

class Linker {
  readonly #object: LinkableObject;
  readonly #relocate: (spec: FunctionSpec) => Instructions;
  readonly #placed = new Map<FunctionSpec, Placed>();
  readonly #references: Relocation[] = [];
  #length = 0;

  constructor(object: LinkableObject, relocate: (spec: FunctionSpec) => Instructions) {
    this.#object = object;
    this.#relocate = relocate;
  }

  #place(spec: FunctionSpec): Placed {
    const placed = { spec, code: this.#relocate(spec), base: this.#length, at: 0 };
    this.#length += spec.instructions.length;
    this.#placed.set(spec, placed);
    return placed;
  }

  #error({ spec, at }: Placed, reason: string): ObjectError {
    return new ObjectError(spec.section, spec.start + at, `${spec.name}: ${reason}`);
  }

  /** Offset in `.text` that an instruction refers to; undefined if it refers to no sub-program. */
  #target(from: Placed, relocation: Relocation | undefined): number | undefined {
    const { code, at, spec } = from;
    if (relocation === undefined) {
      // A call within the section: relative to where the instruction was.
      return code.isSubprogramCall(at)
        ? spec.start + at + (code.immediate(at) + 1) * INSTRUCTION_SIZE
        : undefined;
    }
    const { symbol } = relocation;
    const section = this.#object.sectionNames[symbol.section] ?? "";
    if (code.isSubprogramCall(at) && symbol.section !== SHN_UNDEF) {
      if (section !== SUBPROGRAMS) {
        throw this.#error(from, `a call of ${symbol.name || section}, not in ${SUBPROGRAMS}`);
      }
      return symbol.value + (code.immediate(at) + 1) * INSTRUCTION_SIZE;
    }
    if (code.isLoadImmediate64(at) && section === SUBPROGRAMS) return symbol.value + code.immediate(at);
    this.#references.push({ ...relocation, offset: from.base + at });
    return undefined;
  }

  /** Looks at a function's instructions until one refers to a function that has no place yet. */
  #resolve(from: Placed, relocations: ReadonlyMap<number, Relocation>): Placed | undefined {
    const { code } = from;
    const { bytes } = code;
    for (; from.at < bytes.length; from.at += sizeOf(bytes[from.at])) {
      const opcode = bytes[from.at];
      if (opcode !== CALL && opcode !== LD_IMM64 && !relocations.has(from.at)) continue;
      const target = this.#target(from, relocations.get(from.at));
      if (target === undefined) continue;
      const callee = target % INSTRUCTION_SIZE === 0
        ? functionAt(this.#object.subprograms, target)
        : undefined;
      if (callee === undefined) throw this.#error(from, `no function at offset ${target} of ${SUBPROGRAMS}`);
      const isNew = !this.#placed.has(callee);
      const placed = this.#placed.get(callee) ?? this.#place(callee);
      const distance = (placed.base - from.base - from.at) / INSTRUCTION_SIZE - 1;
      code.setFunction(from.at, distance);
      if (!isNew) continue;
      from.at += sizeOf(bytes[from.at]);
      return placed;
    }
    return undefined;
  }

  link(program: FunctionSpec): LinkedProgram {
    const stack = [{ placed: this.#place(program), relocations: byOffset(program) }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const callee = this.#resolve(top.placed, top.relocations);
      if (callee === undefined) stack.pop();
      else stack.push({ placed: callee, relocations: byOffset(callee.spec) });
    }
    return this.#join();
  }

  #join(): LinkedProgram {
    const functions: FuncInfo[] = [];
    const placed = [...this.#placed.values()];
    const lines = new Uint32Array(placed.reduce((sum, { spec }) => sum + spec.lines.length, 0));
    let filled = 0;
    const instructions = new Instructions(new Uint8Array(new ArrayBuffer(this.#length)));
    for (const { spec, code, base } of placed) {
      instructions.append(base, code);
      for (const info of spec.functions) functions.push({ ...info, offset: base + info.offset });
      lines.set(movedLines(spec.lines, base), filled);
      filled += spec.lines.length;
    }
    return { instructions, references: this.#references, functions, lines };
  }
}

/** Relocations by the instruction that they change; each has to begin there, and there is one at most. */
function byOffset(
  { name, section, start, instructions, relocations }: FunctionSpec,
): Map<number, Relocation> {
  const found = new Map<number, Relocation>();
  let next = 0;
  for (let at = 0; at < instructions.length; at += sizeOf(instructions[at])) {
    const relocation = relocations[next];
    if (relocation?.offset !== at) continue;
    found.set(at, relocation);
    next++;
  }
  const stray = relocations[next];
  if (stray === undefined) return found;
  throw new ObjectError(section, start + stray.offset, `${name}: a relocation changes no whole instruction`);
}

/**
 * Links a program.
 *
 * @param object the object's sub-programs
 * @param program the program
 * @param relocate gives a copy of a function's instructions, with CO-RE applied
 * @throws {ObjectError} if a call or an address leads to no function of `.text`
 */
export function linkProgram(
  object: LinkableObject,
  program: FunctionSpec,
  relocate: (spec: FunctionSpec) => Instructions,
): LinkedProgram {
  return new Linker(object, relocate).link(program);
}
