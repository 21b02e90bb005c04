/** The target's BTF: what it has of what an object wants. @module */
import {
  BtfKind,
  CoreEngine,
  type FunctionSpec,
  type Instructions,
  type KsymSpec,
  lacksRelocatedTypes,
  type ObjectSpec,
  type ProgramSpec,
  relocateProgram,
  type Wanted,
  wantRelocatedTypes,
} from "../../elf/mod.ts";
import { openKernelBtf, VMLINUX_BTF } from "./kernel_btf.ts";
import { moduleNames, openModuleBtf } from "./module_btf.ts";

/** A type of the kernel's, or of one of its modules. */
export interface KernelType {
  /** 0 if there is none. */
  readonly id: number;
  /** Name of the module that has it; undefined if the kernel itself does. */
  readonly module?: string;
}

/** Where the target's BTF is. */
export interface TargetOptions {
  /** File with the target's BTF; by default that of the running kernel. */
  readonly btfPath?: string;
  /** Whether the running kernel's modules are searched for what the kernel itself lacks; by default they are. */
  readonly modules?: boolean;
}

/** The engine with a target's BTF, and what an object looks for there. */
export class KernelTypes {
  readonly #engine: CoreEngine;
  readonly #object: ObjectSpec;
  readonly #targets = new Map<ProgramSpec, Wanted>();
  readonly #ksyms = new Map<KsymSpec, Wanted>();
  /** Names of the modules whose BTF is open, by the engine's numbers; undefined until something is missing. */
  #modules: readonly string[] | undefined;

  /**
   * Opens a target's BTF.
   *
   * @param object what looks for something there
   * @param target where the BTF is
   * @throws {Error} if the file cannot be read, or is not BTF
   */
  constructor(
    object: ObjectSpec,
    { btfPath = VMLINUX_BTF, modules = btfPath === VMLINUX_BTF }: TargetOptions,
  ) {
    const engine = new CoreEngine(object.btfBytes);
    wantRelocatedTypes(engine, [...object.programs, ...object.subprograms]);
    for (const program of object.programs) {
      const type = program.kind?.target;
      if (type !== undefined) {
        this.#targets.set(program, engine.wantName(type.prefix + program.target, type.kind));
      }
    }
    for (const ksym of object.externs.ksyms.filter(({ type }) => type !== 0)) {
      this.#ksyms.set(ksym, engine.wantName(ksym.name, ksym.isFunction ? BtfKind.FUNC : BtfKind.VAR));
    }
    openKernelBtf(engine, btfPath);
    this.#engine = engine;
    this.#object = object;
    if (!modules) this.#modules = [];
  }

  /** Opens the BTF of all modules, once: when the kernel itself lacks something. */
  #openModules(): readonly string[] {
    if (this.#modules !== undefined) return this.#modules;
    const names = moduleNames();
    for (const name of names) openModuleBtf(this.#engine, name);
    return this.#modules = names;
  }

  /**
   * A function's instructions with CO-RE applied.
   *
   * @throws {ObjectError} if a relocation is malformed or ambiguous
   */
  relocate(spec: FunctionSpec): Instructions {
    if (lacksRelocatedTypes(this.#engine, spec)) this.#openModules();
    return relocateProgram(this.#engine, this.#object, spec);
  }

  #found(wanted: Wanted | undefined): KernelType {
    if (wanted === undefined) return { id: 0 };
    if (this.#engine.foundType(wanted) === 0) this.#openModules();
    const id = this.#engine.foundType(wanted);
    const module = this.#modules?.[this.#engine.foundIn(wanted) - 1];
    return { id, ...(module === undefined ? {} : { module }) };
  }

  /** The type that a program attaches to. */
  attachTarget(program: ProgramSpec): KernelType {
    return this.#found(this.#targets.get(program));
  }

  /** A variable or function of the kernel. */
  ksym(ksym: KsymSpec): KernelType {
    return this.#found(this.#ksyms.get(ksym));
  }

  /** Whether a variable or function that was found is of the type that the object says. */
  isCompatible(ksym: KsymSpec): boolean {
    const wanted = this.#ksyms.get(ksym);
    return wanted !== undefined && this.#engine.isCompatible(ksym.type, wanted);
  }
}
