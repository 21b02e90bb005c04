/** Pressure stall information of a cgroup (`Documentation/accounting/psi.rst`). Pure. @module */
import type { Labels, Sample } from "../../metrics/mod.ts";
import { PRESSURE } from "./metrics.ts";
import { fitting, parseNumber } from "./numbers.ts";

/** What work can stand still for; the files are `<resource>.pressure`. */
export const RESOURCES = ["cpu", "io", "memory"] as const;

/** One of {@linkcode RESOURCES}. */
export type Resource = typeof RESOURCES[number];

/** Some tasks stand still, or all that are not idle. */
const KINDS = ["some", "full"] as const;

type Kind = typeof KINDS[number];

/** One object a series, by which a recorder knows it again. */
const LABELS: ReadonlyMap<Resource, Readonly<Record<Kind, Labels>>> = new Map(
  RESOURCES.map((
    resource,
  ) => [resource, { some: { resource, kind: "some" }, full: { resource, kind: "full" } }]),
);

/** Nanoseconds of a microsecond. */
const MICROSECOND = 1000n;

/**
 * Parses a pressure file: the time that tasks stood still, in nanoseconds.
 *
 * @returns what it tells; of a line that is missing (`full` of the processor before 5.13) or no line of such a file nothing
 */
export function parsePressure(text: string): Partial<Record<Kind, bigint>> {
  const lines = text.split("\n").map((line) =>
    /^(some|full) avg10=[0-9.]+ avg60=[0-9.]+ avg300=[0-9.]+ total=([0-9]+)$/.exec(line)
  );
  return Object.fromEntries(lines.flatMap((match) => {
    const total = match === null ? undefined : fitting((parseNumber(match[2]!) ?? -1n) * MICROSECOND);
    return total === undefined ? [] : [[match![1]!, total]];
  }));
}

/** Makes the samples of one resource's file. */
export function pressureSamples(resource: Resource, text: string): Sample[] {
  const totals = parsePressure(text);
  const labels = LABELS.get(resource)!;
  return KINDS.flatMap((kind) => {
    const value = totals[kind];
    return value === undefined ? [] : [{ family: PRESSURE, labels: labels[kind], value }];
  });
}
