/** Programs with their CO-RE relocations applied. @module */
import { type Btf, resolveType } from "../btf/btf.ts";
import type { CoreRelocation } from "../btf/ext.ts";
import type { CoreEngine } from "../core.ts";
import type { ObjectSpec } from "../object/object.ts";
import type { FunctionSpec } from "../object/programs.ts";
import { ObjectError } from "../object_error.ts";
import { INSTRUCTION_SIZE, Instructions } from "./instruction.ts";

/** Registers every type that the functions' relocations start from. */
export function wantRelocatedTypes(engine: CoreEngine, functions: readonly FunctionSpec[]): void {
  for (const { coreRelocations } of functions) {
    for (const { type } of coreRelocations) engine.wantType(type);
  }
}

/** `BPF_CORE_TYPE_ID_LOCAL` of `enum bpf_core_relo_kind`: the only one that asks nothing of the target. */
const TYPE_ID_LOCAL = 6;

/**
 * Whether a program's relocations name a type that the engine has not found so far: what libbpf, too, reads
 * the BTF of modules for.
 */
export function lacksRelocatedTypes(engine: CoreEngine, { coreRelocations }: FunctionSpec): boolean {
  return coreRelocations.some(({ type, kind }) => kind !== TYPE_ID_LOCAL && engine.lacksType(type));
}

const LONGEST_PATH = 256;

/** `struct task_struct.comm[3]` as a C program would write it, for messages. */
function describeAccess(btf: Btf, { type: root, access }: CoreRelocation): string {
  const type = btf.types[root];
  let text = type?.name || `type ${root}`;
  let id = root;
  for (const step of btf.strings.readString(access).split(":").slice(1).map(Number)) {
    const { members, array } = resolveType(btf, id);
    if (array !== undefined) text += `[${step}]`;
    else if (members[step]?.name) text += `.${members[step].name}`;
    id = array?.type ?? members[step]?.type ?? 0;
    // Each of many relocations may name a long path: a message needs no more of it.
    if (text.length > LONGEST_PATH) return `${text.slice(0, LONGEST_PATH)}...`;
  }
  return text;
}

/**
 * Applies a program's CO-RE relocations for the engine's target.
 *
 * @returns a copy of the program's instructions
 * @throws {ObjectError} if a relocation is malformed or ambiguous; what the target merely lacks is
 *   poisoned instead, and an error only if the kernel's verifier reaches it
 */
export function relocateProgram(engine: CoreEngine, object: ObjectSpec, program: FunctionSpec): Instructions {
  const instructions = new Instructions(new Uint8Array(program.instructions));
  for (const relocation of program.coreRelocations) {
    const { offset } = relocation;
    const result = engine.relocate(relocation);
    const problem = typeof result === "string" ? result : instructions.apply(offset, result);
    if (problem !== undefined) {
      const what = describeAccess(object.btf, relocation);
      throw new ObjectError(program.section, offset, `relocation of ${what} in ${program.name}: ${problem}`);
    }
    if (instructions.isPoisoned(offset)) {
      instructions.missing.set(offset / INSTRUCTION_SIZE, () => describeAccess(object.btf, relocation));
    }
  }
  return instructions;
}
