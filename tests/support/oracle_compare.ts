/** Where two loaders differ. @module */
import { isDeepStrictEqual } from "node:util";
import { type ObjectRecord, Refusal } from "./oracle_records.ts";

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
    ...compareMaps("program", expected.programs, actual.programs),
    // libbpf makes no maps if it refuses the whole object.
    ...(expected.maps === undefined ? [] : compareMaps("map", expected.maps, actual.maps ?? new Map())),
  ];
  return differences.map((difference) => ({ ...difference, place: `${name}: ${difference.place}` }));
}
