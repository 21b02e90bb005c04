/** What an object expects the kernel to have: `.kconfig` and `.ksyms`. @module */
import {
  type Btf,
  BtfKind,
  type BtfType,
  dataSections,
  intEncoding,
  resolveType,
  sizeOfType,
} from "../btf/btf.ts";
import { type ElfObject, SHN_UNDEF, SymbolBinding } from "../elf.ts";
import { ObjectError } from "../object_error.ts";

/** What a configuration option is stored as. */
export type KconfigType = "bool" | "char" | "integer" | "tristate" | "string";

/** `extern T CONFIG_X __kconfig`, or one of the `LINUX_` values. */
export interface KconfigSpec {
  /** Name of the option, `CONFIG_HZ` for example. */
  readonly name: string;
  /** A weak one may be missing; it is 0 then. */
  readonly weak: boolean;
  /** How it is stored. */
  readonly type: KconfigType;
  /** Whether a number may be negative. */
  readonly signed: boolean;
  /** Where it is in the map `.kconfig`, in bytes. */
  readonly offset: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** A variable or function of the kernel. */
export interface KsymSpec {
  /** Its name in the kernel. */
  readonly name: string;
  /** Whether it may be missing. */
  readonly weak: boolean;
  /** Whether it is called, or only read. */
  readonly isFunction: boolean;
  /** Id of its type in the object's BTF; 0 if it is `void`: then only its address is wanted. */
  readonly type: number;
}

/** All that an object expects. */
export interface ExternSpecs {
  /** Options, by their places. */
  readonly kconfig: readonly KconfigSpec[];
  /** Size of the map `.kconfig` in bytes, 0 if there is none. */
  readonly kconfigSize: number;
  /** Id of its DATASEC type. */
  readonly kconfigType: number;
  /** Variables and functions. */
  readonly ksyms: readonly KsymSpec[];
}

const KCONFIG = ".kconfig";
const KSYMS = ".ksyms";

/** A symbol without a section, and the variable or function in the BTF that says what it is. */
interface Extern {
  readonly name: string;
  readonly weak: boolean;
  readonly section: string;
  readonly declaration: BtfType;
}

function findExterns(elf: ElfObject, btf: Btf): Extern[] {
  const declarations = new Map(
    dataSections(btf).filter(({ name }) => name === KCONFIG || name === KSYMS)
      .flatMap(({ name: section, variables }) =>
        variables.map(({ type }) =>
          [btf.types[type]?.name ?? "", { section, declaration: btf.types[type]! }] as const
        )
      ),
  );
  return elf.symbols
    .filter(({ section, name, binding }) =>
      section === SHN_UNDEF && name !== "" && binding !== SymbolBinding.LOCAL
    )
    .map(({ name, binding }) => {
      const found = declarations.get(name);
      if (found?.declaration === undefined) {
        throw new ObjectError(".BTF", 0, `extern ${name} is neither in ${KCONFIG} nor in ${KSYMS}`);
      }
      return { name, weak: binding === SymbolBinding.WEAK, ...found };
    });
}

/** An option before its place is known. */
type Unplaced = Omit<KconfigSpec, "offset"> & { readonly alignment: number };

const TRISTATE = "libbpf_tristate";

function classify(btf: Btf, name: string, type: BtfType): { type: KconfigType; signed: boolean } {
  if (type.kind === BtfKind.INT) {
    const { bool, signed } = intEncoding(btf, type);
    if (bool && type.sizeOrType === 1) return { type: "bool", signed: false };
    if (type.sizeOrType === 1) return { type: "char", signed };
    if ([2, 4, 8].includes(type.sizeOrType)) return { type: "integer", signed };
  }
  if (type.kind === BtfKind.ENUM && type.name === TRISTATE && type.sizeOrType === 4) {
    return { type: "tristate", signed: false };
  }
  if (type.array !== undefined && type.array.length > 0) {
    const element = resolveType(btf, type.array.type);
    if (element.kind === BtfKind.INT && element.sizeOrType === 1) return { type: "string", signed: false };
  }
  throw new ObjectError(".BTF", type.offset, `${KCONFIG} extern ${name} has a type that no option can have`);
}

function parseOption(btf: Btf, { name, weak, declaration }: Extern): Unplaced {
  if (declaration.kind !== BtfKind.VAR) {
    throw new ObjectError(".BTF", declaration.offset, `${KCONFIG} extern ${name} is no variable`);
  }
  const type = resolveType(btf, declaration.sizeOrType);
  const size = sizeOfType(btf, type.id);
  const kind = classify(btf, name, type);
  return { name, weak, ...kind, size, alignment: kind.type === "string" ? 1 : size };
}

/** The order is libbpf's: by falling alignment, then by size, then by name. */
function compareOptions(a: Unplaced, b: Unplaced): number {
  return b.alignment - a.alignment || a.size - b.size || (a.name < b.name ? -1 : 1);
}

/** Most bytes of all options: the length of a text costs nothing in the file. */
const MAX_KCONFIG = 1 << 20;

function placeOptions(options: readonly Unplaced[]): { kconfig: KconfigSpec[]; kconfigSize: number } {
  let end = 0;
  const kconfig = options.toSorted(compareOptions).map(({ alignment, ...option }) => {
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + option.size;
    return { ...option, offset };
  });
  if (end > MAX_KCONFIG) throw new ObjectError(KCONFIG, 0, `${end} bytes; there may be ${MAX_KCONFIG}`);
  return { kconfig, kconfigSize: end };
}

function parseKsym(btf: Btf, { name, weak, declaration }: Extern): KsymSpec {
  const isFunction = declaration.kind === BtfKind.FUNC;
  const type = isFunction ? declaration.sizeOrType : resolveType(btf, declaration.sizeOrType).id;
  return { name, weak, isFunction, type };
}

/**
 * What an object expects the kernel to have.
 *
 * @throws {ObjectError} if something is undefined that is in neither section, or of a type that cannot be
 */
export function parseExterns(elf: ElfObject, btf: Btf): ExternSpecs {
  const externs = findExterns(elf, btf);
  const options = externs.filter(({ section }) => section === KCONFIG).map((extern) =>
    parseOption(btf, extern)
  );
  return {
    ...placeOptions(options),
    kconfigType: dataSections(btf).find(({ name }) => name === KCONFIG)?.id ?? 0,
    ksyms: externs.filter(({ section }) => section === KSYMS).map((extern) => parseKsym(btf, extern)),
  };
}
