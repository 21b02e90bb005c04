/** An object file that comes alive program by program. @module */
import {
  type BtfInput,
  type DataSpec,
  INSTRUCTION_SIZE,
  type MapSpec,
  type ObjectSpec,
  parseObject,
  type ProgramSpec,
  sourceLineAt,
} from "../elf/mod.ts";
import { attachesByItself, type AttachPlace, type BpfLink, readIterator } from "./attach/link.ts";
import type { TargetOptions } from "./btf/kernel_types.ts";
import { loadBtf, type ObjectBtf } from "./btf/object_btf.ts";
import { BtfLoadError } from "./errors.ts";
import { prepareMemlock } from "./kernel/features.ts";
import { KCONFIG, kconfigContent } from "./kernel/kconfig.ts";
import { DataMap, type DataMapContent } from "./maps/data_map.ts";
import { BpfMap, checkAlike, slotKey } from "./maps/map.ts";
import { GlobalVariable } from "./maps/variable.ts";
import { ProgramLinker } from "./programs/linker.ts";
import { loadableKind, loadTarget } from "./programs/load_target.ts";
import { BpfProgram } from "./programs/program.ts";

/** Settings for opening an object. */
export interface OpenOptions extends TargetOptions {
  /** Values for variables by name, most often of `const volatile` ones in `.rodata`; see {@linkcode GlobalVariable}. */
  readonly constants?: Readonly<Record<string, BtfInput>>;
  /** What programs attach to in place of what their section names say, by program. */
  readonly targets?: Readonly<Record<string, string>>;
  /**
   * Maps of other objects to use in place of this object's own, by their names here. They belong to the other object,
   * and end with it.
   */
  readonly maps?: Readonly<Record<string, BpfMap>>;
  /**
   * Maps that this kernel cannot have. An instruction that refers to one is poisoned: no harm where a
   * constant keeps the program from reaching it.
   */
  readonly absentMaps?: readonly string[];
}

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
  readonly #links = new Map<string, readonly BpfLink[]>();
  /** What programs were loaded for that are loaded for a place. */
  readonly #places = new Map<string, AttachPlace>();
  /** Slots of program arrays that wait until their program can be loaded. */
  readonly #waitingSlots: { readonly map: BpfMap; readonly index: number; readonly program: string }[] = [];
  #isFilling = false;
  readonly #linker: ProgramLinker;
  #btf: ObjectBtf | undefined;

  /**
   * Parses an object; nothing is asked of the kernel yet.
   *
   * @param bytes the whole object file, of which parts are read until the object is closed
   * @throws {ObjectError} if the object is malformed or asks for what is not supported
   * @throws {RangeError} if an option names a program, map or variable that the object does not have
   * @throws {TypeError} if a map of another object is unlike the one that it stands for
   */
  constructor(
    bytes: Uint8Array,
    { constants = {}, targets = {}, maps = {}, absentMaps = [], ...target }: OpenOptions = {},
  ) {
    const spec = parseObject(bytes);
    const programs = spec.programs.map((program) => ({
      ...program,
      target: targets[program.name] ?? program.target,
    }));
    this.spec = { ...spec, programs };
    const map = (name: string) => this.map(name);
    this.#linker = this.#resources.use(new ProgramLinker({ spec: this.spec, target, absentMaps, map }));
    for (const name of Object.keys(targets)) this.#programSpec(name);
    for (const name of absentMaps) this.#mapSpec(name);
    for (const [name, map] of Object.entries(maps)) {
      checkAlike(this.#mapSpec(name), map);
      this.#maps.set(name, map);
    }
    for (const [name, value] of Object.entries(constants)) this.variable(name).set(value);
  }

  /** What is created from now on would never be closed. */
  #checkOpen(): void {
    if (this.#resources.disposed) throw new Error("Cannot use the object: it is closed");
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
   * @throws {RangeError} if the object has no such variable
   * @throws {ObjectError} if its type does not fit
   */
  variable(name: string): GlobalVariable {
    const section = this.spec.data.find(({ variables }) => variables.has(name));
    if (section === undefined) throw new RangeError(`Cannot find variable ${name}: none has that name`);
    return new GlobalVariable(name, this.spec.btf, section, () => {
      const map = this.#maps.get(section.name);
      return map instanceof DataMap ? map : undefined;
    });
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
   * Every call gives the same map, which the object closes: leave `using` and `close()` to the object. A map that
   * was closed is not created again, for the new one would not be the one that programs have.
   *
   * @throws {RangeError} if the object defines no such map
   * @throws {Error} if the map or the object has been closed
   * @throws {MapCreateError} if the kernel refuses
   */
  map(name: string): BpfMap {
    this.#checkOpen();
    const existing = this.#maps.get(name);
    if (existing?.isClosed) {
      throw new Error(`Cannot use map ${name}: it is closed; leave it open, it is closed with the object`);
    }
    if (existing !== undefined) return existing;
    const data = this.#dataContent(name);
    const map = data === undefined
      ? this.#createMap(this.#mapSpec(name))
      : new DataMap(data, this.#kernelBtf(), this.spec.btf);
    this.#maps.set(name, this.#resources.use(map));
    return map;
  }

  #mapSpec(name: string): MapSpec {
    const spec = this.spec.maps.find((map) => map.name === name);
    if (spec === undefined) throw new RangeError(`Cannot find map ${name}: none has that name`);
    return spec;
  }

  /** Creates a map with the maps that it holds; the programs that it holds come later. */
  #createMap(spec: MapSpec): BpfMap {
    using opened = new DisposableStack();
    const map = opened.use(new BpfMap(spec, this.#kernelBtf(), this.spec.btf));
    if (spec.inner === undefined) {
      this.#waitingSlots.push(...spec.slots.map(({ index, name: program }) => ({ map, index, program })));
    } else {
      for (const { index, name } of spec.slots) {
        map.update(slotKey(index), slotKey(this.map(name).fd.number));
      }
    }
    opened.move();
    return map;
  }

  /**
   * A program, loaded at the first call together with the maps it uses, and with the programs in those.
   *
   * @param name its name
   * @param place where it is going to be attached; only what goes into another program needs it by now
   * @throws {RangeError} if the object holds no such program
   * @throws {TypeError} if the program does not attach to such a place, or is loaded for another one
   * @throws {ObjectError} if a relocation is malformed or ambiguous, or something that it needs is missing
   * @throws {ProgramLoadError} if the kernel refuses
   */
  program(name: string, place?: AttachPlace): BpfProgram {
    const isForPlace = place?.loadTarget !== undefined;
    const existing = this.#programs.get(name);
    if (existing !== undefined) {
      if (!isForPlace || this.#places.get(name) === place) return existing;
      throw new TypeError(
        `Cannot load program ${name} for ${place.name}: it is loaded for something else; unload it`,
      );
    }
    this.#checkOpen();
    const spec = this.#programSpec(name);
    const kind = loadableKind(spec);
    const findTarget = () => this.#linker.attachTarget(spec);
    const { id: attachBtfId, holder: attachBtf } = loadTarget(spec, kind, place, findTarget);
    const linked = this.#linker.link(spec);
    const { license, btf: { strings } } = this.spec;
    const program = new BpfProgram({
      ...linked,
      name,
      kind,
      target: spec.target,
      license,
      btf: this.#kernelBtf(),
      attachBtfId,
      attachBtf,
      moduleBtfs: this.#linker.moduleDescriptors,
      sourceLine: (index) => sourceLineAt(linked.lines, strings, index * INSTRUCTION_SIZE),
    });
    this.#programs.set(name, program);
    if (isForPlace) this.#places.set(name, place);
    try {
      this.#fillWaitingSlots();
    } catch (error) {
      // It would call into a slot that is empty.
      this.unload(name);
      throw error;
    }
    return program;
  }

  /** Each program may bring slots of its own, which are filled here, too, and not while it is loaded. */
  #fillWaitingSlots(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      for (let slot = this.#waitingSlots[0]; slot !== undefined; slot = this.#waitingSlots[0]) {
        slot.map.update(slotKey(slot.index), slotKey(this.program(slot.program).fd.number));
        this.#waitingSlots.shift();
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
   * Attaches a program, loading it first if need be. One that is attached to what its section's name says stays so; of
   * places there may be several.
   *
   * @param name its name
   * @param place where, for programs whose section's name does not say: a cgroup, for example
   * @throws {TypeError} if the program attaches to something else, which the message names
   * @throws {Error} if the kernel has nothing to attach it to, or refuses
   */
  attach(name: string, place?: AttachPlace): void {
    const links = this.#links.get(name) ?? [];
    if (place === undefined && links.length > 0) return;
    this.#links.set(name, [...links, this.program(name, place).link(place)]);
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
    return readIterator(name, this.#links.get(name)![0]!);
  }

  /** Loads every program, but those whose section's name begins with `?`. Errors are those of `program`. */
  load(): void {
    for (const { name, autoload } of this.spec.programs) if (autoload) this.program(name);
  }

  /**
   * Attaches every program whose section's name says to what, but those whose section's name begins with `?`. If one
   * cannot be attached, none of them is. Errors are those of `attach`.
   */
  attachAll(): void {
    const before = new Set(this.#links.keys());
    try {
      for (const { name, autoload, kind, target } of this.spec.programs) {
        if (autoload && kind !== undefined && attachesByItself(kind, target)) this.attach(name);
      }
    } catch (error) {
      for (const name of this.#links.keys()) if (!before.has(name)) this.detach(name);
      throw error;
    }
  }

  /** Detaches a program from everything that it is attached to; it stays loaded. */
  detach(name: string): void {
    for (const link of this.#links.get(name) ?? []) link.close();
    this.#links.delete(name);
  }

  /** Detaches and unloads a program, if it is loaded. */
  unload(name: string): void {
    this.detach(name);
    this.#programs.get(name)?.close();
    this.#programs.delete(name);
    this.#places.delete(name);
  }

  /** Gives the kernel's BTF back; call it when the last program is loaded. */
  releaseKernelBtf(): void {
    this.#linker.release();
  }

  /** Detaches and unloads everything. */
  close(): void {
    for (const name of [...this.#programs.keys()].reverse()) this.unload(name);
    this.#resources.dispose();
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
