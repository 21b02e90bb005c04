/** Instructions of programs as the kernel gets them. @module */
import {
  Instructions,
  type LinkedProgram,
  linkProgram,
  ObjectError,
  type ObjectSpec,
  type ProgramSpec,
  PseudoSource,
  type Relocation,
  SHN_UNDEF,
} from "../../elf/mod.ts";
import type { FileDescriptor } from "../../syscall/mod.ts";
import type { LoadTarget } from "../attach/link.ts";
import { KernelTypes, type TargetOptions } from "../btf/kernel_types.ts";
import { moduleBtfDescriptor } from "../btf/module_btf.ts";
import { KCONFIG } from "../kernel/kconfig.ts";
import type { BpfMap } from "../maps/map.ts";
import { ExternResolver } from "./extern_resolver.ts";

/** What linking needs of the object around it. */
export interface LinkedObject {
  /** What the file says. */
  readonly spec: ObjectSpec;
  /** Where the target's BTF is. */
  readonly target: TargetOptions;
  /** Maps that are not there: what refers to one is poisoned. */
  readonly absentMaps: readonly string[];
  /** Gives a map, which is created if need be. */
  readonly map: (name: string) => BpfMap;
}

/** Links the programs of one object: with their sub-programs, maps and variables, and with what the kernel has. */
export class ProgramLinker implements Disposable {
  readonly #object: LinkedObject;
  readonly #moduleBtfs = new Map<string, FileDescriptor>();
  #types: KernelTypes | undefined;
  #externs: ExternResolver | undefined;

  /** Nothing is asked of the kernel yet. */
  constructor(object: LinkedObject) {
    this.#object = object;
  }

  /** The target's BTF, opened at the first need. */
  #kernelTypes(): KernelTypes {
    return this.#types ??= new KernelTypes(this.#object.spec, this.#object.target);
  }

  /** Descriptors of the modules whose functions are called: `fd_array` of BPF_PROG_LOAD. */
  get moduleDescriptors(): Int32Array<ArrayBuffer> {
    return this.#externs?.descriptors ?? new Int32Array();
  }

  /**
   * What a program attaches to, where the kernel wants to know when it is loaded; the id is 0 if it has no such thing.
   */
  attachTarget(spec: ProgramSpec): LoadTarget {
    const { id, module } = this.#kernelTypes().attachTarget(spec);
    return module === undefined ? { id } : { id, holder: this.#moduleBtf(module) };
  }

  /**
   * A program's instructions, sub-programs included; creates the maps that they refer to.
   *
   * @throws {ObjectError} if a relocation is malformed or ambiguous, or something that it needs is missing
   */
  link(spec: ProgramSpec): LinkedProgram {
    // Whoever asks nothing of the target's BTF does without.
    const linked = linkProgram(
      this.#object.spec,
      spec,
      (code) =>
        code.coreRelocations.length === 0
          ? new Instructions(new Uint8Array(code.instructions))
          : this.#kernelTypes().relocate(code),
    );
    for (const reference of linked.references) this.#resolve(spec, linked.instructions, reference);
    return linked;
  }

  /** Completes an instruction that refers to a map, to a variable, or to something that the kernel has. */
  #resolve(program: ProgramSpec, instructions: Instructions, { offset, symbol }: Relocation): void {
    const { spec, absentMaps, map } = this.#object;
    const isAddress = instructions.isLoadImmediate64(offset);
    const section = spec.sectionNames[symbol.section] ?? "";
    const { kconfig, ksyms } = spec.externs;
    const isExtern = symbol.section === SHN_UNDEF;
    const option = isExtern && isAddress ? kconfig.find(({ name }) => name === symbol.name) : undefined;
    const ksym = isExtern ? ksyms.find(({ name }) => name === symbol.name) : undefined;
    if (ksym !== undefined && (isAddress || instructions.isSubprogramCall(offset))) {
      this.#externs ??= new ExternResolver(spec, this.#kernelTypes(), (name) => this.#moduleBtf(name));
      this.#externs.resolve(ksym, instructions, offset);
    } else if (option !== undefined) {
      instructions.setReference(offset, PseudoSource.MAP_VALUE, map(KCONFIG).fd.number, option.offset);
    } else if (isAddress && section === ".maps") {
      if (absentMaps.includes(symbol.name)) return instructions.poison(offset);
      instructions.setReference(offset, PseudoSource.MAP_FD, map(symbol.name).fd.number, 0);
    } else if (isAddress && spec.data.some(({ name }) => name === section)) {
      const place = symbol.value + instructions.immediate(offset);
      instructions.setReference(offset, PseudoSource.MAP_VALUE, map(section).fd.number, place);
    } else {
      throw new ObjectError(
        program.section,
        offset,
        `a reference to ${symbol.name || section} is not supported`,
      );
    }
  }

  /** BTF of a module in the kernel, open until the end. */
  #moduleBtf(name: string): FileDescriptor {
    const descriptor = this.#moduleBtfs.get(name) ?? moduleBtfDescriptor(name);
    this.#moduleBtfs.set(name, descriptor);
    return descriptor;
  }

  /** Gives the target's BTF back; it is opened again if it is needed again. */
  release(): void {
    this.#types = undefined;
    this.#externs = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
    for (const descriptor of this.#moduleBtfs.values()) descriptor.close();
  }
}
