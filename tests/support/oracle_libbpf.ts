/** What libbpf asks of the kernel for an object. @module */
import { output } from "./child.ts";
import {
  instructionLines,
  type MapAttributes,
  type MapRecord,
  type ObjectRecord,
  type ProgramRecord,
  Refusal,
  type SectionRecord,
} from "./oracle_records.ts";

/** A line that `tests/oracle/oracle.c` prints. */
type Line =
  | SectionRecord & { readonly kind: "section"; readonly name: string }
  | MapAttributes & { readonly kind: "map"; readonly name: string; readonly inner?: MapAttributes }
  | {
    readonly kind: "value";
    readonly map: string;
    readonly key: string;
    readonly value?: string;
    readonly reference?: string;
  }
  | Omit<ProgramRecord, "instructions"> & {
    readonly kind: "program";
    readonly name: string;
    readonly section: string;
    readonly instructions: string;
  }
  | { readonly kind: "refused"; readonly name: string; readonly reason: string }
  | { readonly kind: "no maps"; readonly reason: string }
  | { readonly kind: "again" };

/** libbpf names the maps of usual data sections after the object: its first eight letters, and the section. */
function sectionOfMap(name: string): string {
  return name.replace(/^[^.]{1,8}(?=\.(data|rodata|bss|kconfig)$)/, "");
}

function attributes(line: MapAttributes): MapAttributes {
  const { type, keySize, valueSize, maxEntries, flags, extra, numaNode, keyType, valueType } = line;
  return { type, keySize, valueSize, maxEntries, flags, extra, numaNode, keyType, valueType };
}

function parse(text: string): ObjectRecord {
  const sections = new Map<string, SectionRecord>();
  const programs = new Map<string, ProgramRecord>();
  const maps = new Map<string, MapRecord>();
  const values = new Map<string, Record<string, string>>();
  const refusals = new Map<string, Refusal>();
  let hasMaps = true;
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
  for (const line of lines) {
    switch (line.kind) {
      case "section": {
        const { name, section, type, attachType, autoload } = line;
        sections.set(name, { section, type, attachType, autoload });
        break;
      }
      case "map":
        maps.set(sectionOfMap(line.name), {
          ...attributes(line),
          ...(line.inner === undefined ? {} : { inner: line.inner }),
          values: {},
        });
        break;
      case "value": {
        const name = sectionOfMap(line.map);
        values.set(name, { ...values.get(name), [line.key]: line.reference ?? line.value! });
        break;
      }
      case "program": {
        const { type, attachType, flags, attachBtfId, functions, lines } = line;
        const names = Object.entries(line.maps).map(([at, name]) => [at, sectionOfMap(name)]);
        const instructions = instructionLines(line.instructions);
        const program = { type, attachType, flags, attachBtfId, functions, lines, instructions };
        programs.set(line.name, { ...program, maps: Object.fromEntries(names) });
        break;
      }
      case "refused":
        refusals.set(line.name, new Refusal(line.reason));
        break;
      case "no maps":
        hasMaps = false;
        break;
      case "again":
        programs.clear();
        values.clear();
        break;
    }
  }
  for (const [name, map] of maps) maps.set(name, { ...map, values: values.get(name) ?? {} });
  return {
    sections,
    programs: new Map<string, ProgramRecord | Refusal>([...programs, ...refusals]),
    maps: hasMaps ? maps : undefined,
  };
}

/** The compiled oracle. */
export class LibbpfOracle {
  readonly #program: string;

  /** @param program `tests/oracle/oracle.c`, compiled */
  constructor(program: string) {
    this.#program = program;
  }

  /**
   * Has libbpf load an object.
   *
   * @param object path of the object
   * @param btf path of the target's BTF
   */
  async record(object: string, btf: string): Promise<ObjectRecord | Refusal> {
    const { code, stdout, stderr } = await output(this.#program, object, btf);
    if (code === 1) return new Refusal(stderr.trim());
    if (code !== 0) throw new Error(`Cannot ask libbpf about ${object}: status ${code}: ${stderr}`);
    return parse(stdout);
  }
}
