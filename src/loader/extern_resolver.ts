/** What the kernel has of the variables and functions that an object expects. @module */
import { type Instructions, type KsymSpec, ObjectError, type ObjectSpec, PseudoSource } from "../elf/mod.ts";
import { symbolAddresses } from "./kallsyms.ts";
import type { KernelTypes } from "./kernel_types.ts";

/** Resolves the `.ksyms` of one object. */
export class ExternResolver {
  readonly #object: ObjectSpec;
  readonly #types: KernelTypes;
  #addresses: ReadonlyMap<string, bigint> | undefined;

  /**
   * @param object what expects something
   * @param types what the kernel has
   */
  constructor(object: ObjectSpec, types: KernelTypes) {
    this.#object = object;
    this.#types = types;
  }

  #address(name: string): bigint | undefined {
    const { ksyms } = this.#object.externs;
    this.#addresses ??= symbolAddresses(ksyms.filter(({ type }) => type === 0).map(({ name }) => name));
    return this.#addresses.get(name);
  }

  /** Id of the kernel's type, 0 if a weak one is missing. */
  #type(ksym: KsymSpec): number {
    const id = this.#types.ksym(ksym);
    if (id === 0 && !ksym.weak) throw this.#missing(ksym, "in its BTF");
    return id;
  }

  #missing({ name, isFunction }: KsymSpec, where: string): ObjectError {
    const noun = isFunction ? "function" : "variable";
    return new ObjectError(
      ".ksyms",
      0,
      `this kernel has no ${noun} ${name} ${where}; declare it __weak to do without`,
    );
  }

  /** Puts what the kernel has into an instruction: a call of a function, or a variable's address. */
  resolve(ksym: KsymSpec, instructions: Instructions, offset: number): void {
    if (ksym.isFunction && instructions.isSubprogramCall(offset)) {
      instructions.setKfunc(offset, this.#type(ksym), 0);
      return;
    }
    const id = ksym.type === 0 ? 0 : this.#type(ksym);
    if (id !== 0) {
      instructions.setReference(offset, PseudoSource.BTF_ID, id, 0);
      return;
    }
    const address = ksym.type === 0 ? this.#address(ksym.name) : 0n;
    if (address === undefined && !ksym.weak) throw this.#missing(ksym, "in /proc/kallsyms");
    instructions.setImmediate64(offset, address ?? 0n);
  }
}
