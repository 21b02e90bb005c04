/** An object file that comes alive program by program. @module */
import {
  CoreEngine,
  type DataSpec,
  type Instructions,
  ObjectError,
  type ObjectSpec,
  parseObject,
  type ProgramSpec,
  PseudoSource,
  relocateProgram,
  type Relocation,
  type Wanted,
  wantRelocatedTypes,
} from "../elf/mod.ts";
import type { FileDescriptor } from "../syscall/mod.ts";
import { ATTACH_KINDS } from "./attach_kinds.ts";
import { loadBtf } from "./btf.ts";
import { prepareMemlock } from "./features.ts";
import { openKernelBtf, VMLINUX_BTF } from "./kernel_btf.ts";
import type { BpfLink } from "./link.ts";
import { BpfMap, createDataMap } from "./map.ts";
import { BpfProgram } from "./program.ts";

/** Settings for opening an object. */
export interface OpenOptions {
  /** Values for `const volatile` integers in `.rodata`, by name. */
  readonly constants?: Readonly<Record<string, number | bigint>>;
  /** File with the target's BTF; by default that of the running kernel. */
  readonly btfPath?: string;
  /** What programs attach to in place of what their section names say, by program. */
  readonly targets?: Readonly<Record<string, string>>;
  /**
   * Maps that this kernel cannot have. An instruction that refers to one is poisoned: no harm where a
   * constant keeps the program from reaching it.
   */
  readonly absentMaps?: readonly string[];
}

function setConstants(data: readonly DataSpec[], constants: Readonly<Record<string, number | bigint>>): void {
  for (const [name, value] of Object.entries(constants)) {
    const section = data.find(({ readOnly, variables }) => readOnly && variables.has(name));
    const variable = section?.variables.get(name);
    if (section === undefined || variable === undefined) {
      throw new ObjectError(".rodata", 0, `there is no constant ${name} to be set`);
    }
    const view = new DataView(section.content.buffer);
    if (variable.size === 8) view.setBigUint64(variable.offset, BigInt(value), true);
    else if (variable.size === 4) view.setUint32(variable.offset, Number(value), true);
    else throw new ObjectError(".rodata", variable.offset, `${name} has ${variable.size} bytes, not 4 or 8`);
  }
}

/**
 * An object file on a kernel.
 *
 * Maps are created when the first program that uses them is loaded, so that a program nobody loads
 * costs the kernel nothing. Everything is closed with the object.
 */
export class BpfObject implements Disposable {
  readonly spec: ObjectSpec;
  readonly #resources = new DisposableStack();
  readonly #maps = new Map<string, BpfMap>();
  readonly #programs = new Map<string, BpfProgram>();
  readonly #links = new Map<string, BpfLink>();
  readonly #attachTypes = new Map<string, Wanted>();
  readonly #btfPath: string;
  readonly #absentMaps: readonly string[];
  #btf: FileDescriptor | undefined;
  #engine: CoreEngine | undefined;

  /**
   * Parses an object; nothing is asked of the kernel yet.
   *
   * @param bytes the whole object file
   * @throws {ObjectError} if the object is malformed or asks for what is not supported
   */
  constructor(
    bytes: Uint8Array,
    { constants = {}, btfPath = VMLINUX_BTF, targets = {}, absentMaps = [] }: OpenOptions = {},
  ) {
    const spec = parseObject(bytes);
    const programs = spec.programs.map((program) => ({
      ...program,
      target: targets[program.name] ?? program.target,
    }));
    this.spec = { ...spec, programs };
    this.#btfPath = btfPath;
    this.#absentMaps = absentMaps;
    setConstants(this.spec.data, constants);
  }

  /** The engine with the kernel's BTF, opened at the first need. */
  #core(): CoreEngine {
    if (this.#engine !== undefined) return this.#engine;
    const engine = new CoreEngine(this.spec.btfBytes);
    wantRelocatedTypes(engine, this.spec.programs);
    for (const { name, attach, target } of this.spec.programs) {
      const type = ATTACH_KINDS[attach].target;
      if (type !== undefined) this.#attachTypes.set(name, engine.wantName(type.prefix + target, type.kind));
    }
    openKernelBtf(engine, this.#btfPath);
    return this.#engine = engine;
  }

  /** The object's BTF in the kernel. */
  #kernelBtf(): FileDescriptor {
    if (this.#btf !== undefined) return this.#btf;
    prepareMemlock();
    return this.#btf = this.#resources.use(loadBtf(this.spec.btfBytes));
  }

  /**
   * A map, created at the first call.
   *
   * @throws {RangeError} if the object defines no such map
   * @throws {SyscallError} if the kernel refuses
   */
  map(name: string): BpfMap {
    const existing = this.#maps.get(name);
    if (existing !== undefined) return existing;
    const spec = this.spec.maps.find((map) => map.name === name);
    const data = this.spec.data.find((data) => data.name === name);
    if (spec === undefined && data === undefined) {
      throw new RangeError(`Cannot find map ${name}: none has that name`);
    }
    const map = spec !== undefined
      ? new BpfMap(spec, this.#kernelBtf())
      : createDataMap(data!, this.#kernelBtf());
    this.#maps.set(name, this.#resources.use(map));
    return map;
  }

  /**
   * A program, loaded at the first call together with the maps it uses.
   *
   * @throws {RangeError} if the object holds no such program
   * @throws {ProgramLoadError} if the kernel refuses
   */
  program(name: string): BpfProgram {
    const existing = this.#programs.get(name);
    if (existing !== undefined) return existing;
    const spec = this.#programSpec(name);
    const attachBtfId = this.#attachBtfId(spec);
    const instructions = this.instructions(name);
    const program = new BpfProgram(spec, instructions, this.spec.license, this.#kernelBtf(), attachBtfId);
    this.#programs.set(name, program);
    return program;
  }

  #programSpec(name: string): ProgramSpec {
    const spec = this.spec.programs.find((program) => program.name === name);
    if (spec === undefined) throw new RangeError(`Cannot find program ${name}: none has that name`);
    return spec;
  }

  /**
   * A program's instructions as the kernel gets them; creates the maps that they refer to.
   *
   * @throws {RangeError} if the object holds no such program
   * @throws {ObjectError} if a relocation is malformed or ambiguous
   */
  instructions(name: string): Instructions {
    const spec = this.#programSpec(name);
    const instructions = relocateProgram(this.#core(), this.spec, spec);
    for (const relocation of spec.relocations) this.#resolveReference(spec, instructions, relocation);
    return instructions;
  }

  /** Puts a map's descriptor into the instruction that refers to the map, or to a variable in it. */
  #resolveReference(program: ProgramSpec, instructions: Instructions, { offset, symbol }: Relocation): void {
    const section = this.spec.sectionNames[symbol.section] ?? "";
    const isMap = section === ".maps";
    const isData = this.spec.data.some(({ name }) => name === section);
    if (!instructions.isLoadImmediate64(offset) || !(isMap || isData)) {
      const name = symbol.name || section;
      throw new ObjectError(program.section, offset, `a reference to ${name} is not supported`);
    }
    if (this.#absentMaps.includes(symbol.name)) return instructions.poison(offset);
    const { fd } = this.map(isMap ? symbol.name : section);
    const source = isMap ? PseudoSource.MAP_FD : PseudoSource.MAP_VALUE;
    const place = isMap ? 0 : symbol.value + instructions.immediate(offset);
    instructions.setReference(offset, source, fd.number, place);
  }

  #attachBtfId({ name, attach, target }: ProgramSpec): number {
    const type = ATTACH_KINDS[attach].target;
    if (type === undefined) return 0;
    const id = this.#core().foundType(this.#attachTypes.get(name)!);
    if (id === 0) throw new Error(`Cannot load program ${name}: this kernel has no ${type.noun} ${target}`);
    return id;
  }

  /**
   * Attaches a program, loading it first if need be; a program that is attached stays so.
   *
   * @throws {Error} if the kernel has nothing to attach it to, or refuses
   */
  attach(name: string): void {
    if (!this.#links.has(name)) this.#links.set(name, this.program(name).link());
  }

  /** Detaches and unloads a program, if it is loaded. */
  unload(name: string): void {
    this.#links.get(name)?.close();
    this.#programs.get(name)?.close();
    this.#links.delete(name);
    this.#programs.delete(name);
  }

  /** Gives the kernel's BTF back; call it when the last program is loaded. */
  releaseKernelBtf(): void {
    this.#engine = undefined;
  }

  /** Detaches and unloads everything. */
  close(): void {
    this.releaseKernelBtf();
    for (const name of [...this.#programs.keys()].reverse()) this.unload(name);
    this.#resources.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
