/** What the kernel has of the variables and functions that an object expects. @module */
import {
  type Instructions,
  type KsymSpec,
  ObjectError,
  type ObjectSpec,
  PseudoSource,
} from "../../elf/mod.ts";
import type { FileDescriptor } from "../../syscall/mod.ts";
import type { KernelType, KernelTypes } from "../btf/kernel_types.ts";
import { symbolAddresses } from "../kernel/kallsyms.ts";

/** Gives the descriptor of a module's BTF, which stays open as long as the object. */
export type ModuleDescriptor = (module: string) => FileDescriptor;

/** Resolves the `.ksyms` of one object. */
export class ExternResolver {
  readonly #object: ObjectSpec;
  readonly #types: KernelTypes;
  readonly #descriptorOf: ModuleDescriptor;
  /** Modules whose functions are called; a call has the index, from 1 on, in place of the descriptor. */
  readonly #modules: string[] = [];
  #addresses: ReadonlyMap<string, bigint> | undefined;

  /**
   * Resolves nothing yet.
   *
   * @param object what expects something
   * @param types what the kernel has
   * @param descriptorOf opens a module's BTF
   */
  constructor(object: ObjectSpec, types: KernelTypes, descriptorOf: ModuleDescriptor) {
    this.#object = object;
    this.#types = types;
    this.#descriptorOf = descriptorOf;
  }

  /** Descriptors of modules, by the indexes that calls have: `fd_array` of BPF_PROG_LOAD; empty if there are none. */
  get descriptors(): Int32Array<ArrayBuffer> {
    if (this.#modules.length === 0) return new Int32Array();
    return Int32Array.of(0, ...this.#modules.map((module) => this.#descriptorOf(module).number));
  }

  #address(name: string): bigint | undefined {
    const { ksyms } = this.#object.externs;
    this.#addresses ??= symbolAddresses(ksyms.filter(({ type }) => type === 0).map(({ name }) => name));
    return this.#addresses.get(name);
  }

  #error(ksym: KsymSpec, reason: string): ObjectError {
    const noun = ksym.isFunction ? "function" : "variable";
    return new ObjectError(".ksyms", 0, `${noun} ${ksym.name} ${reason}`);
  }

  /** The kernel's type; its id is 0 if a weak one is missing. */
  #type(ksym: KsymSpec): KernelType {
    const type = this.#types.ksym(ksym);
    if (type.id === 0) {
      if (ksym.weak) return type;
      throw this.#error(ksym, "is not in this kernel's BTF; declare it __weak to do without");
    }
    if (this.#types.isCompatible(ksym)) return type;
    throw this.#error(ksym, "is of another type in this kernel");
  }

  #moduleIndex(module: string | undefined): number {
    if (module === undefined) return 0;
    if (!this.#modules.includes(module)) this.#modules.push(module);
    return this.#modules.indexOf(module) + 1;
  }

  /**
   * Puts what the kernel has into an instruction: a call of a function, or an address.
   *
   * @throws {ObjectError} if it is not there, or of another type
   */
  resolve(ksym: KsymSpec, instructions: Instructions, offset: number): void {
    if (ksym.isFunction && instructions.isSubprogramCall(offset)) {
      const { id, module } = this.#type(ksym);
      return instructions.setKfunc(offset, id, this.#moduleIndex(module));
    }
    if (ksym.type !== 0) {
      const { id, module } = this.#type(ksym);
      if (id === 0) return instructions.setImmediate64(offset, 0n);
      const descriptor = module === undefined ? 0 : this.#descriptorOf(module).number;
      return instructions.setReference(offset, PseudoSource.BTF_ID, id, descriptor);
    }
    const address = this.#address(ksym.name);
    if (address === undefined && !ksym.weak) {
      throw this.#error(ksym, "is not in /proc/kallsyms; declare it __weak to do without");
    }
    instructions.setImmediate64(offset, address ?? 0n);
  }
}
