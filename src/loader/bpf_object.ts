/** An object file that comes alive program by program. @module */
import {
  type DataSpec,
  INSTRUCTION_SIZE,
  type Instructions,
  type LinkedProgram,
  linkProgram,
  ObjectError,
  type ObjectSpec,
  parseObject,
  type ProgramSpec,
  PseudoSource,
  type Relocation,
  SHN_UNDEF,
  sourceLineAt,
} from "../elf/mod.ts";
import type { FileDescriptor } from "../syscall/mod.ts";
import { loadBtf, type ObjectBtf } from "./btf.ts";
import { BtfLoadError } from "./errors.ts";
import { ExternResolver } from "./extern_resolver.ts";
import { prepareMemlock } from "./features.ts";
import { kconfigContent } from "./kconfig.ts";
import { type KernelType, KernelTypes, type TargetOptions } from "./kernel_types.ts";
import { type BpfLink, readIterator } from "./link.ts";
import { BpfMap, createDataMap, type DataMapContent, slotKey } from "./map.ts";
import { moduleBtfDescriptor } from "./module_btf.ts";
import { BpfProgram } from "./program.ts";
import { GlobalVariable } from "./variable.ts";

/** Settings for opening an object. */
export interface OpenOptions extends TargetOptions {
  /** Values for variables by name, most often of `const volatile` ones in `.rodata`; see {@linkcode GlobalVariable}. */
  readonly constants?: Readonly<Record<string, number | bigint>>;
  /** What programs attach to in place of what their section names say, by program. */
  readonly targets?: Readonly<Record<string, string>>;
  /**
   * Maps that this kernel cannot have. An instruction that refers to one is poisoned: no harm where a
   * constant keeps the program from reaching it.
   */
  readonly absentMaps?: readonly string[];
}

const KCONFIG = ".kconfig";

/**
 * An object file on a kernel.
 *
 * Maps are created when the first program that uses them is loaded, so that a program nobody loads
 * costs the kernel nothing. Everything is closed with the object.
 */
export class BpfObject implements Disposable {
  /** What the file asks for. */
  readonly spec: ObjectSpec;
  readonly #resources = new DisposableStack();
  readonly #maps = new Map<string, BpfMap>();
  readonly #programs = new Map<string, BpfProgram>();
  readonly #links = new Map<string, BpfLink>();
  /** Slots of program arrays that wait until their program can be loaded. */
  readonly #waitingSlots: { readonly map: BpfMap; readonly index: number; readonly program: string }[] = [];
  #isFilling = false;
  readonly #moduleBtfs = new Map<string, FileDescriptor>();
  readonly #target: TargetOptions;
  readonly #absentMaps: readonly string[];
  #btf: ObjectBtf | undefined;
  #types: KernelTypes | undefined;
  #externs: ExternResolver | undefined;

  /**
   * Parses an object; nothing is asked of the kernel yet.
   *
   * @param bytes the whole object file
   * @throws {ObjectError} if the object is malformed or asks for what is not supported
   */
  constructor(
    bytes: Uint8Array,
    { constants = {}, targets = {}, absentMaps = [], ...target }: OpenOptions = {},
  ) {
    const spec = parseObject(bytes);
    const programs = spec.programs.map((program) => ({
      ...program,
      target: targets[program.name] ?? program.target,
    }));
    this.spec = { ...spec, programs };
    this.#target = target;
    this.#absentMaps = absentMaps;
    for (const [name, value] of Object.entries(constants)) this.variable(name).set(value);
  }

  /** The target's BTF, opened at the first need. */
  #kernelTypes(): KernelTypes {
    return this.#types ??= new KernelTypes(this.spec, this.#target);
  }

  /** The object's BTF in the kernel. */
  #kernelBtf(): ObjectBtf {
    if (this.#btf !== undefined) return this.#btf;
    prepareMemlock();
    const btf = loadBtf(this.spec);
    return this.#btf = btf instanceof BtfLoadError ? btf : this.#resources.use(btf);
  }

  /**
   * Why the kernel refuses the object's BTF, and so does not know the types of maps and the source lines of
   * programs; undefined if it takes it, or has not been asked yet.
   */
  get btfRefusal(): BtfLoadError | undefined {
    return this.#btf instanceof BtfLoadError ? this.#btf : undefined;
  }

  /**
   * A global variable, to be read and written: before its map exists in the object, then in the kernel.
   *
   * @throws {ObjectError} if the object has no such variable
   */
  variable(name: string): GlobalVariable {
    const section = this.spec.data.find(({ variables }) => variables.has(name));
    if (section === undefined) throw new ObjectError(".data", 0, `there is no variable ${name}`);
    return new GlobalVariable(name, this.spec.btf, section, () => this.#maps.get(section.name));
  }

  #dataContent(name: string): DataMapContent | undefined {
    const data: DataSpec | undefined = this.spec.data.find((data) => data.name === name);
    if (data !== undefined || name !== KCONFIG || this.spec.externs.kconfigSize === 0) return data;
    const { kconfigType: type } = this.spec.externs;
    return { name, readOnly: true, content: kconfigContent(this.spec), type };
  }

  /**
   * A map, created at the first call; one that holds other maps is created together with them.
   *
   * @throws {RangeError} if the object defines no such map
   * @throws {MapCreateError} if the kernel refuses
   */
  map(name: string): BpfMap {
    const existing = this.#maps.get(name);
    if (existing !== undefined) return existing;
    const spec = this.spec.maps.find((map) => map.name === name);
    const data = spec === undefined ? this.#dataContent(name) : undefined;
    if (spec === undefined && data === undefined) {
      throw new RangeError(`Cannot find map ${name}: none has that name`);
    }
    const btf = this.#kernelBtf();
    const types = this.spec.btf;
    const map = this.#resources.use(
      spec !== undefined ? new BpfMap(spec, btf, types) : createDataMap(data!, btf, types),
    );
    this.#maps.set(name, map);
    for (const { index, name: content } of spec?.slots ?? []) {
      if (spec?.inner === undefined) this.#waitingSlots.push({ map, index, program: content });
      else map.update(slotKey(index), slotKey(this.map(content).fd.number));
    }
    return map;
  }

  /**
   * A program, loaded at the first call together with the maps it uses, and with the programs in those.
   *
   * @throws {RangeError} if the object holds no such program
   * @throws {ObjectError} if a relocation is malformed or ambiguous, or something that it needs is missing
   * @throws {ProgramLoadError} if the kernel refuses
   */
  program(name: string): BpfProgram {
    const existing = this.#programs.get(name);
    if (existing !== undefined) return existing;
    const spec = this.#programSpec(name);
    const { kind, target } = spec;
    if (kind === undefined) {
      throw new ObjectError(
        spec.section,
        spec.start,
        `no kind of program has a section of that name; ${name} cannot be loaded`,
      );
    }
    if (kind.hasTarget && target === "") {
      throw new ObjectError(
        spec.section,
        spec.start,
        `${name} attaches to nothing; name it: ${kind.prefix}/NAME`,
      );
    }
    const { id: attachBtfId, module } = this.#attachTarget(spec);
    const linked = this.#link(spec);
    const { license, btf: { strings } } = this.spec;
    const program = new BpfProgram({
      ...linked,
      name,
      kind,
      target,
      license,
      btf: this.#kernelBtf(),
      attachBtfId,
      attachBtf: module === undefined ? undefined : this.#moduleBtf(module),
      moduleBtfs: this.#externs?.descriptors ?? new Int32Array(),
      sourceLine: (index) => sourceLineAt(linked.lines, strings, index * INSTRUCTION_SIZE),
    });
    this.#programs.set(name, program);
    this.#fillWaitingSlots();
    return program;
  }

  /** Each program may bring slots of its own, which are filled here, too, and not while it is loaded. */
  #fillWaitingSlots(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      for (let slot = this.#waitingSlots.pop(); slot !== undefined; slot = this.#waitingSlots.pop()) {
        slot.map.update(slotKey(slot.index), slotKey(this.program(slot.program).fd.number));
      }
    } finally {
      this.#isFilling = false;
    }
  }

  #programSpec(name: string): ProgramSpec {
    const spec = this.spec.programs.find((program) => program.name === name);
    if (spec === undefined) throw new RangeError(`Cannot find program ${name}: none has that name`);
    return spec;
  }

  /**
   * A program's instructions as the kernel gets them, sub-programs included; creates the maps that they refer to.
   *
   * @throws {RangeError} if the object holds no such program
   * @throws {ObjectError} if a relocation is malformed or ambiguous, or something that it needs is missing
   */
  instructions(name: string): Instructions {
    return this.#link(this.#programSpec(name)).instructions;
  }

  #link(spec: ProgramSpec): LinkedProgram {
    const types = this.#kernelTypes();
    const linked = linkProgram(this.spec, spec, (code) => types.relocate(code));
    for (const reference of linked.references) this.#resolve(spec, linked.instructions, reference);
    return linked;
  }

  /** Completes an instruction that refers to a map, to a variable, or to something that the kernel has. */
  #resolve(program: ProgramSpec, instructions: Instructions, { offset, symbol }: Relocation): void {
    const isAddress = instructions.isLoadImmediate64(offset);
    const section = this.spec.sectionNames[symbol.section] ?? "";
    const { kconfig, ksyms } = this.spec.externs;
    const isExtern = symbol.section === SHN_UNDEF;
    const option = isExtern && isAddress ? kconfig.find(({ name }) => name === symbol.name) : undefined;
    const ksym = isExtern ? ksyms.find(({ name }) => name === symbol.name) : undefined;
    if (ksym !== undefined && (isAddress || instructions.isSubprogramCall(offset))) {
      this.#externs ??= new ExternResolver(this.spec, this.#kernelTypes(), (name) => this.#moduleBtf(name));
      this.#externs.resolve(ksym, instructions, offset);
    } else if (option !== undefined) {
      instructions.setReference(offset, PseudoSource.MAP_VALUE, this.map(KCONFIG).fd.number, option.offset);
    } else if (isAddress && section === ".maps") {
      if (this.#absentMaps.includes(symbol.name)) return instructions.poison(offset);
      instructions.setReference(offset, PseudoSource.MAP_FD, this.map(symbol.name).fd.number, 0);
    } else if (isAddress && this.spec.data.some(({ name }) => name === section)) {
      const place = symbol.value + instructions.immediate(offset);
      instructions.setReference(offset, PseudoSource.MAP_VALUE, this.map(section).fd.number, place);
    } else {
      throw new ObjectError(
        program.section,
        offset,
        `a reference to ${symbol.name || section} is not supported`,
      );
    }
  }

  /** BTF of a module in the kernel, open as long as the object. */
  #moduleBtf(name: string): FileDescriptor {
    const descriptor = this.#moduleBtfs.get(name) ?? this.#resources.use(moduleBtfDescriptor(name));
    this.#moduleBtfs.set(name, descriptor);
    return descriptor;
  }

  #attachTarget(spec: ProgramSpec): KernelType {
    const type = spec.kind?.target;
    if (type === undefined) return { id: 0 };
    const found = this.#kernelTypes().attachTarget(spec);
    if (found.id !== 0) return found;
    throw new Error(`Cannot load program ${spec.name}: this kernel has no ${type.noun} ${spec.target}`);
  }

  /**
   * Attaches a program, loading it first if need be; a program that is attached stays so.
   *
   * @throws {Error} if the kernel has nothing to attach it to, or refuses
   */
  attach(name: string): void {
    if (!this.#links.has(name)) this.#links.set(name, this.program(name).link());
  }

  /**
   * Runs an iterator over all that it iterates over, and gives what it has written. It is attached first if need be.
   *
   * @throws {Error} if the program is no iterator, or the kernel refuses
   */
  read(name: string): Uint8Array<ArrayBuffer> {
    if (this.#programSpec(name).kind?.attach !== "iter") {
      throw new TypeError(`Cannot read from program ${name}: it is no iterator`);
    }
    this.attach(name);
    return readIterator(name, this.#links.get(name)!);
  }

  /** Loads every program, but those whose section's name begins with `?`. Errors are those of `program`. */
  load(): void {
    for (const { name, autoload } of this.spec.programs) if (autoload) this.program(name);
  }

  /** Attaches every program, but those whose section's name begins with `?`. Errors are those of `attach`. */
  attachAll(): void {
    for (const { name, autoload } of this.spec.programs) if (autoload) this.attach(name);
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
    this.#types = undefined;
    this.#externs = undefined;
  }

  /** Detaches and unloads everything. */
  close(): void {
    this.releaseKernelBtf();
    for (const name of [...this.#programs.keys()].reverse()) this.unload(name);
    this.#resources.dispose();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
