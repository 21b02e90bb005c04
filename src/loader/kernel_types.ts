/** The target's BTF: what it has of what an object wants. @module */
import {
  BtfKind,
  CoreEngine,
  type FunctionSpec,
  type Instructions,
  type KsymSpec,
  type ObjectSpec,
  type ProgramSpec,
  relocateProgram,
  type Wanted,
  wantRelocatedTypes,
} from "../elf/mod.ts";
import { openKernelBtf } from "./kernel_btf.ts";

/** The engine with a target's BTF, and what an object looks for there. */
export class KernelTypes {
  readonly #engine: CoreEngine;
  readonly #object: ObjectSpec;
  readonly #targets = new Map<ProgramSpec, Wanted>();
  readonly #ksyms = new Map<KsymSpec, Wanted>();

  /**
   * Opens a target's BTF.
   *
   * @param object what looks for something there
   * @param path the file
   * @throws {Error} if the file cannot be read, or is not BTF
   */
  constructor(object: ObjectSpec, path: string) {
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
    openKernelBtf(engine, path);
    this.#engine = engine;
    this.#object = object;
  }

  /** A function's instructions with CO-RE applied. */
  relocate(spec: FunctionSpec): Instructions {
    return relocateProgram(this.#engine, this.#object, spec);
  }

  #found(wanted: Wanted | undefined): number {
    return wanted === undefined ? 0 : this.#engine.foundType(wanted);
  }

  /** Id of the type that a program attaches to, 0 if there is none. */
  attachTarget(program: ProgramSpec): number {
    return this.#found(this.#targets.get(program));
  }

  /** Id of a variable or function of the kernel, 0 if there is none. */
  ksym(ksym: KsymSpec): number {
    return this.#found(this.#ksyms.get(ksym));
  }
}
