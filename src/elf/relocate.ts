/** Programs with their CO-RE relocations applied. @module */
import type { CoreEngine } from "./core.ts";
import { Instructions } from "./instruction.ts";
import type { ObjectSpec } from "./object_spec.ts";
import { ObjectError } from "./object_error.ts";
import type { ProgramSpec } from "./program_spec.ts";

/** Registers every type that the programs' relocations start from. */
export function wantRelocatedTypes(engine: CoreEngine, programs: readonly ProgramSpec[]): void {
  for (const { coreRelocations } of programs) {
    for (const { type } of coreRelocations) engine.wantType(type);
  }
}

/**
 * Applies a program's CO-RE relocations for the engine's target.
 *
 * @returns a copy of the program's instructions
 * @throws {ObjectError} if a relocation is malformed or ambiguous; what the target merely lacks is
 *   poisoned instead, and an error only if the kernel's verifier reaches it
 */
export function relocateProgram(engine: CoreEngine, object: ObjectSpec, program: ProgramSpec): Instructions {
  const instructions = new Instructions(new Uint8Array(program.instructions));
  for (const relocation of program.coreRelocations) {
    const result = engine.relocate(relocation);
    const problem = typeof result === "string" ? result : instructions.apply(relocation.offset, result);
    if (problem === undefined) continue;
    const type = object.btf.types[relocation.type]?.name ?? `type ${relocation.type}`;
    throw new ObjectError(
      program.section,
      relocation.offset,
      `relocation of ${type} in ${program.name}: ${problem}`,
    );
  }
  return instructions;
}
