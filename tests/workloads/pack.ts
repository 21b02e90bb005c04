/**
 * A dump of the Flight Recorder in a fifth of the room, for files that are kept. Pure, and nothing is lost.
 *
 * The values of a series are one text: the first number, then by how much each is more than the one before, with
 * `xN` after what comes N times in a row. A dash stands for a gap, after which the next number is whole again.
 *
 * @module
 */
import type { RecorderDump, SeriesDump, SourceDump } from "../../src/recorder/mod.ts";

/** A series with its values in one text; what has no labels does not say so, nor what is a single value. */
type PackedSeries =
  & Pick<SeriesDump, "upperBound">
  & Partial<Pick<SeriesDump, "labels" | "part">>
  & { readonly values: string };

/** The series of a metric. */
type PackedFamily = Pick<SeriesDump, "name" | "type" | "unit"> & { readonly series: readonly PackedSeries[] };

/** A dump that is kept: of the first version, which had only the times of the wall clock, or of the one of today. */
export interface KeptDump {
  readonly version: 1 | RecorderDump["version"];
  readonly lives?: RecorderDump["lives"];
  readonly sources: readonly KeptSource[];
}

/** A source of such a dump. */
export type KeptSource = Omit<SourceDump, "monotonicMs"> & Partial<Pick<SourceDump, "monotonicMs">>;

/** A source whose times and series are packed. */
type PackedSource = Pick<SourceDump, "source" | "life"> & {
  readonly timesMs: string;
  readonly monotonicMs?: string;
  readonly families: readonly PackedFamily[];
};

/** A packed dump. */
export type PackedDump = Omit<KeptDump, "sources"> & { readonly sources: readonly PackedSource[] };

const GAP = "-";

/** Packs numbers in decimal. */
export function packValues(values: readonly (string | null)[]): string {
  const differences = values.map((value, index) => {
    const before = values[index - 1];
    if (value === null) return GAP;
    return before === null || before === undefined ? value : `${BigInt(value) - BigInt(before)}`;
  });
  const runs: { text: string; count: number }[] = [];
  for (const text of differences) {
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => count === 1 ? text : `${text}x${count}`).join(" ");
}

/** The reverse of {@linkcode packValues}. */
export function unpackValues(text: string): (string | null)[] {
  let before: bigint | undefined;
  return text.split(" ").flatMap((run) => {
    const [difference = GAP, count = "1"] = run.split("x");
    return Array.from({ length: Number(count) }, () => {
      before = difference === GAP ? undefined : (before ?? 0n) + BigInt(difference);
      return before === undefined ? null : `${before}`;
    });
  });
}

function packSeries({ labels, part, upperBound, values }: SeriesDump): PackedSeries {
  return {
    ...Object.keys(labels).length > 0 && { labels },
    ...part !== "value" && { part },
    ...upperBound !== undefined && { upperBound },
    values: packValues(values),
  };
}

function packFamilies(series: readonly SeriesDump[]): PackedFamily[] {
  return Map.groupBy(series, ({ name }) => name).values().map((members) => {
    const { name, type, unit } = members[0]!;
    return {
      name,
      type,
      unit,
      series: members.map(packSeries),
    };
  }).toArray();
}

/** Packs a dump. */
export function packDump({ sources, ...dump }: KeptDump): PackedDump {
  const pack = ({ timesMs, monotonicMs, series, ...source }: KeptSource) => ({
    ...source,
    timesMs: packValues(timesMs.map(String)),
    ...monotonicMs && { monotonicMs: packValues(monotonicMs.map(String)) },
    families: packFamilies(series),
  });
  return { ...dump, sources: sources.map(pack) };
}

/** The reverse of {@linkcode packDump}; series of a metric are side by side. */
export function unpackDump({ sources, ...dump }: PackedDump): KeptDump {
  const unpack = ({ timesMs, monotonicMs, families, ...source }: PackedSource) => ({
    ...source,
    timesMs: unpackValues(timesMs).map(Number),
    ...monotonicMs !== undefined && { monotonicMs: unpackValues(monotonicMs).map(Number) },
    series: families.flatMap(({ series, ...family }) =>
      series.map(({ labels = {}, part = "value", values, ...bound }) => ({
        ...family,
        labels,
        part,
        ...bound,
        values: unpackValues(values),
      }))
    ),
  });
  return { ...dump, sources: sources.map(unpack) };
}
