/**
 * The text formats that Prometheus scrapes.
 *
 * @module
 */
import {
  type HistogramSample,
  isHistogram,
  type Labels,
  type MetricFamily,
  type Sample,
  type SampleSet,
  visible,
} from "../metrics/mod.ts";
import { formatBound, formatValue } from "./decimal.ts";

/** The content type of what `formatPrometheus` returns. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The content type of what `formatOpenMetrics` returns. */
export const OPENMETRICS_CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Most values: there is one for each line of a scrape. */
const NOTHING_TO_ESCAPE = /^[\w ./:+-]*$/;

/** Where the two formats differ. */
interface Dialect {
  head(family: MetricFamily): { name: string; type: string; help: string };
  bound(bound: bigint, unit: MetricFamily["unit"]): string;
}

const PROMETHEUS: Dialect = {
  head: ({ name, type, help }) => ({ name, type, help: escape(help, /\\/g) }),
  bound: formatBound,
};

const OPENMETRICS: Dialect = {
  head: (family) => ({ ...openMetricsName(family), help: escape(family.help, /[\\"]/g) }),
  bound: (bound, unit) => canonicalFloat(formatBound(bound, unit)),
};

/**
 * Writes sample sets in the Prometheus text format 0.0.4.
 *
 * @param sets what to write; samples of one family are brought together from all of them
 * @returns the text, ending in a newline unless it is empty
 */
export function formatPrometheus(sets: readonly SampleSet[]): string {
  return formatFamilies(sets, PROMETHEUS);
}

/**
 * Writes sample sets in the OpenMetrics text format 1.0.0.
 *
 * A counter whose name does not end in `_total` has the type `unknown`, because OpenMetrics would have it
 * renamed.
 *
 * @param sets what to write; samples of one family are brought together from all of them
 * @returns the text, ending in `# EOF` and a newline
 */
export function formatOpenMetrics(sets: readonly SampleSet[]): string {
  return `${formatFamilies(sets, OPENMETRICS)}# EOF\n`;
}

function formatFamilies(sets: readonly SampleSet[], dialect: Dialect): string {
  const families = Map.groupBy(sets.flatMap((set) => set.samples), (sample) => sample.family.name);
  return families.values().map((samples) => formatFamily(samples, dialect)).toArray().join("");
}

function formatFamily(samples: readonly Sample[], dialect: Dialect): string {
  const head = samples.slice(0, 1).flatMap(({ family }) => {
    const { name, type, help } = dialect.head(family);
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  });
  const lines = samples.flatMap((sample) =>
    isHistogram(sample)
      ? formatHistogram(sample, dialect)
      : [formatLine(sample.family.name, sample.labels, formatValue(sample.value, sample.family.unit))]
  );
  return [...head, ...lines, ""].join("\n");
}

function formatHistogram(
  { family, labels, bounds, buckets, sum }: HistogramSample,
  dialect: Dialect,
): string[] {
  let count = 0n;
  const lines = buckets.map((bucket, index) => {
    count += bucket;
    const bound = bounds[index];
    const le = bound === undefined ? "+Inf" : dialect.bound(bound, family.unit);
    return formatLine(`${family.name}_bucket`, { ...labels, le }, `${count}`);
  });
  return [
    ...lines,
    formatLine(`${family.name}_sum`, labels, formatValue(sum, family.unit)),
    formatLine(`${family.name}_count`, labels, `${count}`),
  ];
}

function formatLine(name: string, labels: Labels, value: string): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text, /[\\"]/g)}"`);
  return pairs.length === 0 ? `${name} ${value}` : `${name}{${pairs.join(",")}} ${value}`;
}

/** The formats have an escape for a newline and for no other control: the value itself shows those as text. */
function escape(text: string, special: RegExp): string {
  if (NOTHING_TO_ESCAPE.test(text)) return text;
  return text.split("\n").map((line) => visible(line).replace(special, "\\$&")).join("\\n");
}

function openMetricsName({ name, type }: MetricFamily): { name: string; type: string } {
  if (type !== "counter") return { name, type };
  return name.endsWith("_total")
    ? { name: name.slice(0, -"_total".length), type }
    : { name, type: "unknown" };
}

/** OpenMetrics has `le` look like a float: `1.0` where the older format has `1`. */
function canonicalFloat(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}
