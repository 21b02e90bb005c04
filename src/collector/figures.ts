/** What a live view shows of a module. Pure. @module */
import type { Figure } from "../metrics/mod.ts";
import type { ModuleDefinition } from "./registry.ts";

/** As many as there is room for in a line. */
const MOST_FIGURES = 4;

const PREFIX = /^ktm_/;

/** The figures of a module: its own or, of one that has none, its first counters and gauges. */
export function figuresOf({ figures, families }: ModuleDefinition): readonly Figure[] {
  if (figures !== undefined) return figures;
  return families.filter(({ type }) => type !== "histogram").slice(0, MOST_FIGURES).map(
    ({ name, type, unit }) => ({
      label: name.replace(PREFIX, ""),
      metric: name,
      show: type === "counter" ? "rate" : "now",
      unit: unit === "1" ? "number" : type === "counter" ? "share" : "time",
    }),
  );
}
