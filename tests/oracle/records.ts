/**
 * What a loader asks of the kernel for an object, in a form in which two loaders can be compared.
 *
 * Descriptors, which differ from process to process, stand there as the names of what they refer to.
 *
 * @module
 */

/** What a map is created with. */
export interface MapAttributes {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly extra: number;
  readonly numaNode: number;
  readonly keyType: number;
  readonly valueType: number;
  /** Whether the object's BTF goes with it, which the types are of. */
  readonly hasBtf: boolean;
}

/** A map. */
export interface MapRecord extends MapAttributes {
  /** Its name in the kernel. */
  readonly kernelName: string;
  /** What the maps in it are like. */
  readonly inner: MapAttributes | undefined;
  /** Whether user space can write to it no more. */
  readonly frozen: boolean;
  /** Initial values by key, both in hexadecimal, or names of maps and programs. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a section's name says of a program. */
export interface SectionRecord {
  readonly section: string;
  readonly type: number;
  readonly attachType: number;
  readonly autoload: boolean;
}

/** What a program is loaded with. */
export interface ProgramRecord {
  /** Its name in the kernel. */
  readonly kernelName: string;
  readonly type: number;
  readonly attachType: number;
  readonly flags: number;
  readonly attachBtfId: number;
  /** The module that has what it attaches to; empty if the kernel itself has it, or it attaches to no type. */
  readonly attachModule: string;
  readonly license: string;
  readonly kernelVersion: number;
  readonly device: number;
  /** A line each in hexadecimal, with 0 for descriptors. */
  readonly instructions: readonly string[];
  /** Names of maps by the instructions that refer to them. */
  readonly maps: Readonly<Record<string, string>>;
  /** Names of modules by the instructions that refer to a variable of theirs, or call a function. */
  readonly modules: Readonly<Record<string, string>>;
  readonly functionsSize: number;
  /** Instruction and type of each function. */
  readonly functions: readonly (readonly number[])[];
  readonly linesSize: number;
  /** Instruction, file, text, line and column of each source line. */
  readonly lines: readonly (readonly number[])[];
  /** The BTF that goes with it, in hexadecimal. */
  readonly btf: string;
}

/** All of an object; what cannot be loaded has a {@linkcode Refusal} in its place. */
export interface ObjectRecord {
  readonly sections: ReadonlyMap<string, SectionRecord>;
  readonly programs: ReadonlyMap<string, ProgramRecord | Refusal>;
  /** Undefined if the loader creates no map because it refuses every program. */
  readonly maps: ReadonlyMap<string, MapRecord> | undefined;
}

/** Why something is not loaded. */
export class Refusal {
  /** @param reason what the loader says */
  constructor(readonly reason: string) {}
}

/** The programs of an object that can be loaded. */
export function loadedPrograms({ programs }: ObjectRecord): ProgramRecord[] {
  return [...programs.values()].filter((program): program is ProgramRecord => !(program instanceof Refusal));
}

/** A program as `tests/oracle/kernel.c` prints it: with descriptors. */
type PrintedProgram = Omit<ProgramRecord, "instructions" | "maps" | "btf"> & {
  readonly instructions: string;
  readonly maps: Readonly<Record<string, number>>;
  readonly btf: number;
};

/** A line that a program that drives a loader prints, `tests/oracle/oracle.c` or `tests/oracle/own.ts`. */
export type DriverLine =
  /** What the loader says of a program before it is loaded. */
  | SectionRecord & { readonly kind: "section"; readonly name: string }
  /** What a descriptor stands for, of those that are open: all that was printed of it before holds. */
  | { readonly kind: "named map" | "named program"; readonly fd: number; readonly name: string }
  | { readonly kind: "refused"; readonly name: string; readonly reason: string }
  | { readonly kind: "no maps"; readonly reason: string }
  | { readonly kind: "refused object"; readonly reason: string };

/** A line that `tests/oracle/kernel.c` prints. */
type KernelLine =
  | MapAttributes & {
    readonly kind: "map";
    readonly fd: number;
    readonly kernelName: string;
    readonly inner?: MapAttributes;
  }
  | {
    readonly kind: "value";
    readonly map: number;
    readonly key: string;
    readonly value?: string;
    readonly reference?: number;
  }
  | { readonly kind: "frozen"; readonly map: number }
  | { readonly kind: "btf"; readonly fd: number; readonly bytes: string }
  | PrintedProgram & { readonly kind: "program"; readonly fd: number };

/** libbpf names the maps of usual data sections after the object: its first eight letters, and the section. */
function sectionOfMap(name: string): string {
  return name.replace(/^[^.]{1,8}(?=\.(data|rodata|bss|kconfig)$)/, "");
}

const INSTRUCTION_DIGITS = /.{16}/g;

/** Puts together what was printed of an object. Descriptors are used again: the latest line of each holds. */
class Reader {
  readonly #printedMaps = new Map<number, Omit<MapRecord, "frozen" | "values">>();
  readonly #values = new Map<number, Record<string, string | number>>();
  readonly #frozen = new Set<number>();
  readonly #btfs = new Map<number, string>();
  readonly #printedPrograms = new Map<number, PrintedProgram>();
  readonly #names = new Map<number, string>();
  readonly #sections = new Map<string, SectionRecord>();
  readonly #maps = new Map<string, number>();
  readonly #programs = new Map<string, ProgramRecord | Refusal>();
  #hasMaps = true;

  #program({ instructions, maps, btf, ...printed }: PrintedProgram): ProgramRecord {
    return {
      ...printed,
      instructions: instructions.match(INSTRUCTION_DIGITS) ?? [],
      maps: Object.fromEntries(Object.entries(maps).map(([at, fd]) => [at, this.#names.get(fd) ?? "?"])),
      btf: this.#btfs.get(btf) ?? "",
    };
  }

  #map(fd: number): MapRecord {
    const values = Object.entries(this.#values.get(fd) ?? {}).map(([key, value]) =>
      [key, typeof value === "number" ? this.#names.get(value) ?? "?" : value] as const
    );
    return {
      ...this.#printedMaps.get(fd)!,
      frozen: this.#frozen.has(fd),
      values: Object.fromEntries(values),
    };
  }

  read(line: DriverLine | KernelLine): void {
    switch (line.kind) {
      case "section": {
        const { name, section, type, attachType, autoload } = line;
        this.#sections.set(name, { section, type, attachType, autoload });
        break;
      }
      case "map": {
        const { kind: _, fd, inner, ...attributes } = line;
        this.#printedMaps.set(fd, { ...attributes, inner });
        this.#values.delete(fd);
        this.#frozen.delete(fd);
        break;
      }
      case "value":
        this.#values.set(line.map, {
          ...this.#values.get(line.map),
          [line.key]: line.reference ?? line.value!,
        });
        break;
      case "frozen":
        this.#frozen.add(line.map);
        break;
      case "btf":
        this.#btfs.set(line.fd, line.bytes);
        break;
      case "program": {
        const { kind: _, fd, ...program } = line;
        this.#printedPrograms.set(fd, program);
        break;
      }
      case "named map":
        this.#names.set(line.fd, sectionOfMap(line.name));
        this.#maps.set(sectionOfMap(line.name), line.fd);
        break;
      case "named program":
        this.#names.set(line.fd, line.name);
        this.#programs.set(line.name, this.#program(this.#printedPrograms.get(line.fd)!));
        break;
      case "refused":
        this.#programs.set(line.name, new Refusal(line.reason));
        break;
      case "no maps":
        this.#hasMaps = false;
        break;
    }
  }

  record(): ObjectRecord {
    return {
      sections: this.#sections,
      programs: this.#programs,
      maps: this.#hasMaps ? new Map([...this.#maps].map(([name, fd]) => [name, this.#map(fd)])) : undefined,
    };
  }
}

/** Reads what a driver and its kernel have printed of an object. */
export function readRecord(text: string): ObjectRecord | Refusal {
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line) as DriverLine | KernelLine);
  const refused = lines.find(({ kind }) => kind === "refused object");
  if (refused?.kind === "refused object") return new Refusal(refused.reason);
  const reader = new Reader();
  for (const line of lines) reader.read(line);
  return reader.record();
}
