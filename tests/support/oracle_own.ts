/** What this loader asks of the kernel for an object. @module */
import {
  Instructions,
  LINE_WORDS,
  linkProgram,
  type MapSpec,
  type ObjectSpec,
  type ProgramSpec,
  type Relocation,
  SHN_UNDEF,
} from "../../src/elf/mod.ts";
import { kconfigContent } from "../../src/loader/kconfig.ts";
import { KernelTypes } from "../../src/loader/kernel_types.ts";
import { adjustedSpec, dataMapSpec } from "../../src/loader/map_create.ts";
import { BpfObject } from "../../src/loader/mod.ts";
import {
  instructionLines,
  type MapAttributes,
  type MapRecord,
  type ObjectRecord,
  type ProgramRecord,
  Refusal,
} from "./oracle_records.ts";

const INSTRUCTION_SIZE = 8;
const LD_IMM64 = 0x18;
/** BPF_PSEUDO_MAP_FD and BPF_PSEUDO_MAP_VALUE: the immediate is a descriptor. */
const MAP_SOURCES = [1, 2];
const KCONFIG = ".kconfig";

function hexOf(value: number): string {
  return new Uint8Array(new Uint32Array([value]).buffer).toHex();
}

function attributes(spec: MapSpec): MapAttributes {
  const { type, keySize, valueSize, maxEntries, flags, numaNode, keyType, valueType, mapExtra } =
    adjustedSpec(
      spec,
    );
  const extra = Number(mapExtra);
  return { type, keySize, valueSize, maxEntries, flags, extra, numaNode, keyType, valueType };
}

function mapRecord(spec: MapSpec): MapRecord {
  return {
    ...attributes(spec),
    ...(spec.inner === undefined ? {} : { inner: attributes(spec.inner) }),
    values: Object.fromEntries(spec.slots.map(({ index, name }) => [hexOf(index), name])),
  };
}

function dataRecord(name: string, content: Uint8Array, type: number, readOnly: boolean): MapRecord {
  return {
    ...attributes(dataMapSpec(name, content.length, type, readOnly)),
    values: { [hexOf(0)]: content.toHex() },
  };
}

/** Undefined if the kernel lacks an option: then programs that need options are refused. */
function mapRecords(spec: ObjectSpec): Map<string, MapRecord> | undefined {
  const records = new Map(spec.maps.map((map) => [map.name, mapRecord(map)]));
  for (const { name, content, type, readOnly } of spec.data) {
    records.set(name, dataRecord(name, content, type, readOnly));
  }
  const { kconfigSize, kconfigType } = spec.externs;
  if (kconfigSize === 0) return records;
  const content = attempt(() => kconfigContent(spec));
  if (content instanceof Refusal) return undefined;
  return records.set(KCONFIG, dataRecord(KCONFIG, content, kconfigType, true));
}

function attempt<T>(action: () => T): T | Refusal {
  try {
    return action();
  } catch (error) {
    return new Refusal(String(error));
  }
}

/** Puts 0 in place of descriptors, and tells what they refer to. */
function maskDescriptors(bytes: Uint8Array, names: ReadonlyMap<number, string>): Record<string, string> {
  const maps: Record<string, string> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += INSTRUCTION_SIZE) {
    if (bytes[at] !== LD_IMM64) continue;
    if (MAP_SOURCES.includes(bytes[at + 1]! >> 4)) {
      maps[at / INSTRUCTION_SIZE] = names.get(view.getInt32(at + 4, true)) ?? "?";
      bytes.fill(0, at + 4, at + 8);
    }
    // The second half may begin with any byte.
    at += INSTRUCTION_SIZE;
  }
  return maps;
}

/** An object that is open, and the BTF that its programs attach to. */
class Recorder {
  readonly #object: BpfObject;
  readonly #attach: KernelTypes;

  constructor(object: BpfObject, btfPath: string) {
    this.#object = object;
    this.#attach = new KernelTypes(object.spec, { btfPath, modules: false });
  }

  /** Names by descriptor of the maps that a program refers to: they are there. */
  #mapNames(references: readonly Relocation[]): ReadonlyMap<number, string> {
    const { maps, data, externs, sectionNames } = this.#object.spec;
    const all = new Set(
      [...maps, ...data, ...externs.kconfig.length > 0 ? [{ name: KCONFIG }] : []].map(({ name }) => name),
    );
    const candidates = references.flatMap(({ symbol }) => {
      const section = symbol.section === SHN_UNDEF ? KCONFIG : sectionNames[symbol.section] ?? "";
      return [symbol.name, section];
    });
    const names = new Set(candidates).intersection(all);
    return new Map([...names].map((name) => [this.#object.map(name).fd.number, name]));
  }

  program(spec: ProgramSpec): ProgramRecord | Refusal {
    const { name, kind } = spec;
    if (kind === undefined) return new Refusal(`no kind of program has a section ${spec.section}`);
    if (kind.attach === "program") return new Refusal("no other program that it goes into");
    const attachBtfId = kind.target === undefined ? 0 : this.#attach.attachTarget(spec).id;
    if (kind.target !== undefined && attachBtfId === 0) {
      return new Refusal(`no ${kind.target.noun} ${spec.target}`);
    }
    const instructions = attempt(() => this.#object.instructions(name));
    if (instructions instanceof Refusal) return instructions;
    // Where functions and lines are does not depend on what the instructions hold.
    const { functions, lines, references } = linkProgram(
      this.#object.spec,
      spec,
      ({ instructions }) => new Instructions(instructions.slice()),
    );
    const bytes = instructions.bytes.slice();
    const maps = maskDescriptors(bytes, this.#mapNames(references));
    return {
      type: kind.type,
      attachType: kind.attachType,
      flags: kind.flags,
      attachBtfId,
      instructions: instructionLines(bytes.toHex()),
      maps,
      functions: functions.map(({ offset, type }) => [offset / INSTRUCTION_SIZE, type]),
      lines: Array.from({ length: lines.length / LINE_WORDS }, (_, line) => {
        const [offset, ...rest] = lines.subarray(line * LINE_WORDS, (line + 1) * LINE_WORDS);
        return [offset! / INSTRUCTION_SIZE, ...rest];
      }),
    };
  }
}

function recordAlone(bytes: Uint8Array, btfPath: string, index: number): ProgramRecord | Refusal {
  using object = new BpfObject(bytes, { btfPath, modules: false });
  return new Recorder(object, btfPath).program(object.spec.programs[index]!);
}

/**
 * Does for an object all that comes before its programs are loaded.
 *
 * Of several types of one name a relocation leaves over those that fit, also for the relocations after it, here as
 * in libbpf: so what comes of a program may depend on the programs before it.
 *
 * @param bytes the object
 * @param btfPath the target's BTF
 * @param isAlone whether a program, by its name, has to have no part in the others
 */
export function recordOwn(
  bytes: Uint8Array,
  btfPath: string,
  isAlone: (name: string) => boolean,
): ObjectRecord | Refusal {
  const opened = attempt(() => new BpfObject(bytes, { btfPath, modules: false }));
  if (opened instanceof Refusal) return opened;
  using object = opened;
  const recorder = new Recorder(object, btfPath);
  const { spec } = object;
  const record = (program: ProgramSpec, index: number) =>
    isAlone(program.name) ? recordAlone(bytes, btfPath, index) : recorder.program(program);
  return {
    sections: new Map(spec.programs.map(({ name, section, kind, autoload }) => [name, {
      // What the `?` says is in `autoload`.
      section: section.replace(/^\?/, ""),
      type: kind?.type ?? 0,
      attachType: kind?.attachType ?? 0,
      autoload,
    }])),
    programs: new Map(spec.programs.map((program, index) => [program.name, record(program, index)])),
    maps: mapRecords(spec),
  };
}
