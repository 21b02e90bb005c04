/** Where two loaders differ. @module */
import { isDeepStrictEqual } from "node:util";
import { btfLines } from "./btf_text.ts";
import { loadedPrograms, type ObjectRecord, Refusal } from "./records.ts";

/** One thing that differs. */
export interface Difference {
  /** What it is, after the name of the object: `fields: program read_state instructions 3`. */
  readonly place: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

const own = (expected: unknown, actual: unknown, place: string): Difference[] =>
  isDeepStrictEqual(expected, actual) ? [] : [{ place, expected, actual }];

/** Compares instruction by instruction, so that a difference is short. */
function compareLists(place: string, expected: readonly unknown[], actual: readonly unknown[]): Difference[] {
  return Array.from(
    { length: Math.max(expected.length, actual.length) },
    (_, at) => own(expected[at], actual[at], `${place} ${at}`),
  ).flat();
}

function compareFields(place: string, expected: object, actual: object): Difference[] {
  const other = new Map(Object.entries(actual));
  return Object.entries(expected).flatMap(([field, value]) => {
    const found = other.get(field);
    return Array.isArray(value) && Array.isArray(found)
      ? compareLists(`${place} ${field}`, value, found)
      : own(value, found, `${place} ${field}`);
  });
}

function compareMaps<T extends object>(
  what: string,
  expected: ReadonlyMap<string, T>,
  actual: ReadonlyMap<string, T>,
): Difference[] {
  return [
    ...own([...expected.keys()].sort(), [...actual.keys()].sort(), `names of ${what}s`),
    ...[...expected].flatMap(([name, record]) => {
      const other = actual.get(name);
      const place = `${what} ${name}`;
      if (other === undefined) return [];
      if (record instanceof Refusal && other instanceof Refusal) return [];
      return record instanceof Refusal || other instanceof Refusal
        ? [{ place, expected: record, actual: other }]
        : compareFields(place, record, other);
    }),
  ];
}

/** The BTF that goes with the programs: one and the same with all of them. */
function btfOf(record: ObjectRecord): string | undefined {
  const all = new Set(loadedPrograms(record).map(({ btf }) => btf));
  if (all.size > 1) throw new Error("programs of one object have different BTF");
  return [...all][0];
}

/** The programs with what is theirs alone. */
function withoutBtf({ programs }: ObjectRecord): ReadonlyMap<string, object> {
  const entries = [...programs].map(([name, program]): [string, object] => {
    if (program instanceof Refusal) return [name, program];
    const { btf: _, ...rest } = program;
    return [name, rest];
  });
  return new Map(entries);
}

/** Compares type by type: names may be at other places among the strings. */
function compareBtf(expected: string | undefined, actual: string | undefined): Difference[] {
  // Where no program is loaded there is nothing to compare.
  if (expected === undefined || actual === undefined || expected === actual) return [];
  return compareLists("BTF type", ["void", ...btfLines(expected)], ["void", ...btfLines(actual)]);
}

/** Compares what two loaders make of an object. */
export function compare(
  name: string,
  expected: ObjectRecord | Refusal,
  actual: ObjectRecord | Refusal,
): Difference[] {
  if (expected instanceof Refusal && actual instanceof Refusal) return [];
  if (expected instanceof Refusal || actual instanceof Refusal) return [{ place: name, expected, actual }];
  const differences = [
    ...compareMaps("section", expected.sections, actual.sections),
    ...compareMaps("program", withoutBtf(expected), withoutBtf(actual)),
    ...compareBtf(btfOf(expected), btfOf(actual)),
    // libbpf makes no maps if it refuses the whole object.
    ...(expected.maps === undefined ? [] : compareMaps("map", expected.maps, actual.maps ?? new Map())),
  ];
  return differences.map((difference) => ({ ...difference, place: `${name}: ${difference.place}` }));
}
