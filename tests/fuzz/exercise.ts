/** What is done with an input: all that the library does before the kernel has a say. @module */
import {
  type Btf,
  BtfError,
  btfForKernel,
  BtfKind,
  type BtfType,
  CoreEngine,
  decodeValue,
  encodeValue,
  flatLayout,
  linkProgram,
  type MapSpec,
  ObjectError,
  type ObjectSpec,
  parseBtf,
  parseObject,
  relocateProgram,
  sizeOfType,
  sourceLineAt,
  wantRelocatedTypes,
} from "../../src/elf/mod.ts";
import { adjustedSpec } from "../../src/loader/maps/create.ts";

/** How an input ended: `parsed`, or the part of the file that was refused. */
export type Ending = string;

/** What a kind of input is. */
export type Exercise = (input: Uint8Array<ArrayBuffer>) => Ending;

/** An error about the input, or undefined if it is none that the library documents. */
function refusal(error: unknown): string | undefined {
  if (error instanceof ObjectError) {
    return error.message.includes("the engine failed") ? undefined : error.section;
  }
  if (error instanceof BtfError) {
    return error.message.includes("the engine failed") ? undefined : error.source;
  }
  return undefined;
}

/** Does one thing; an error that is documented is the end of this one only. */
function attempt(action: () => void, isDocumented: (error: unknown) => boolean = () => false): void {
  try {
    action();
  } catch (error) {
    if (refusal(error) === undefined && !isDocumented(error)) throw error;
  }
}

/** What reading and writing values may throw beside an ObjectError. */
function isValueError(error: unknown): boolean {
  // V8 reports an exhausted stack as a RangeError, too.
  return error instanceof TypeError && error.message.startsWith("Cannot store") ||
    error instanceof RangeError && !error.message.startsWith("Maximum call stack");
}

const LARGEST_VALUE = 256;
const MOST_TYPES = 24;

function exerciseValue(btf: Btf, id: number, bytes: Uint8Array): void {
  attempt(() => encodeValue(btf, id, bytes, decodeValue(btf, id, bytes)), isValueError);
}

/** Types from all over. */
function someTypes({ types }: Btf): BtfType[] {
  const step = Math.ceil(types.length / MOST_TYPES);
  return types.filter(({ id }) => id % step === 0);
}

function exerciseTypes(btf: Btf): void {
  for (const { id, kind, name } of someTypes(btf)) {
    attempt(() => exerciseValue(btf, id, new Uint8Array(Math.min(sizeOfType(btf, id), LARGEST_VALUE))));
    if (kind === BtfKind.STRUCT) attempt(() => flatLayout(btf, name));
  }
}

function adjust(spec: MapSpec): void {
  adjustedSpec(spec);
  if (spec.inner !== undefined) adjust(spec.inner);
}

function openTarget(engine: CoreEngine, target: Uint8Array): void {
  engine.openTarget("target", target.length, (buffer) => buffer.set(target));
}

function exerciseLinking(spec: ObjectSpec, target: Uint8Array): void {
  const engine = new CoreEngine(spec.btfBytes);
  wantRelocatedTypes(engine, [...spec.programs, ...spec.subprograms]);
  const wanted = spec.programs.flatMap(({ kind, target }) =>
    kind?.target === undefined ? [] : [engine.wantName(kind.target.prefix + target, kind.target.kind)]
  );
  const ksyms = spec.externs.ksyms.map((ksym) =>
    [ksym, engine.wantName(ksym.name, ksym.isFunction ? BtfKind.FUNC : BtfKind.VAR)] as const
  );
  openTarget(engine, target);
  for (const name of wanted) engine.foundType(name);
  for (const [{ type }, name] of ksyms) engine.isCompatible(type, name);
  for (const program of spec.programs) {
    attempt(() => {
      const { lines } = linkProgram(spec, program, (code) => relocateProgram(engine, spec, code));
      sourceLineAt(lines, spec.btf.strings, program.instructions.length);
    });
  }
  for (const code of spec.subprograms) attempt(() => relocateProgram(engine, spec, code));
}

function exerciseSpec(spec: ObjectSpec, target: Uint8Array): void {
  for (const knowsAll of [true, false]) btfForKernel(spec.btf, spec.externs, spec.hidden, () => knowsAll);
  for (const { content, variables } of spec.data) {
    for (const { offset, size, type } of variables.values()) {
      exerciseValue(spec.btf, type, content.subarray(offset, offset + size));
    }
  }
  spec.maps.forEach(adjust);
  attempt(() => exerciseTypes(spec.btf));
  exerciseLinking(spec, target);
}

function ending(action: () => void): Ending {
  try {
    action();
    return "parsed";
  } catch (error) {
    const section = refusal(error);
    if (section === undefined) throw error;
    return `refused: ${section}`;
  }
}

/** Inputs that are object files, loaded for a target. */
export function exerciseObjects(target: Uint8Array): Exercise {
  return (input) => ending(() => exerciseSpec(parseObject(input), target));
}

/** Inputs that are targets for an object. */
export function exerciseTargets(object: Uint8Array): Exercise {
  const spec = parseObject(object);
  return (input) => ending(() => exerciseLinking(spec, input));
}

/** Inputs that are BTF, both of an object and of a target. */
export function exerciseBtf(input: Uint8Array<ArrayBuffer>): Ending {
  return ending(() => {
    const btf = parseBtf(input);
    exerciseTypes(btf);
    const engine = new CoreEngine(input);
    for (const { id } of someTypes(btf)) engine.wantType(id);
    openTarget(engine, input);
    attempt(() => engine.openModule("module", input.length, (buffer) => buffer.set(input)));
    for (const { id } of someTypes(btf)) {
      for (const kind of [0, 6, 7, 8, 12]) engine.relocate({ offset: 0, type: id, access: 0, kind });
    }
  });
}
