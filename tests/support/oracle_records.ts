/**
 * What a loader asks of the kernel for an object, in a form in which two loaders can be compared.
 *
 * Descriptors, which differ from process to process, stand there as the names of what they refer to.
 *
 * @module
 */

/** What a map is created with. */
export interface MapAttributes {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly extra: number;
  readonly numaNode: number;
  readonly keyType: number;
  readonly valueType: number;
}

/** A map. */
export interface MapRecord extends MapAttributes {
  readonly inner?: MapAttributes;
  /** Initial values by key, both in hexadecimal, or names of maps and programs. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a section's name says of a program. */
export interface SectionRecord {
  readonly section: string;
  readonly type: number;
  readonly attachType: number;
  readonly autoload: boolean;
}

/** What a program is loaded with. */
export interface ProgramRecord {
  readonly type: number;
  readonly attachType: number;
  readonly flags: number;
  readonly attachBtfId: number;
  /** A line each in hexadecimal, with 0 for descriptors of maps. */
  readonly instructions: readonly string[];
  /** Names of maps by the instructions that refer to them. */
  readonly maps: Readonly<Record<string, string>>;
  /** Instruction and type of each function. */
  readonly functions: readonly (readonly number[])[];
  /** Instruction, file, text, line and column of each source line. */
  readonly lines: readonly (readonly number[])[];
}

/** All of an object; what cannot be loaded has a {@linkcode Refusal} in its place. */
export interface ObjectRecord {
  readonly sections: ReadonlyMap<string, SectionRecord>;
  readonly programs: ReadonlyMap<string, ProgramRecord | Refusal>;
  /** Undefined if the loader creates no map because it refuses every program. */
  readonly maps: ReadonlyMap<string, MapRecord> | undefined;
}

/** Why something is not loaded. */
export class Refusal {
  /** @param reason what the loader says */
  constructor(readonly reason: string) {}
}

const INSTRUCTION_DIGITS = /.{16}/g;

/** Instructions a line each. */
export function instructionLines(hex: string): string[] {
  return hex.match(INSTRUCTION_DIGITS) ?? [];
}
