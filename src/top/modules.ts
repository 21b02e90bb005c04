/** A line for each module that has no panels of its own. @module */
import { type Figure, type Health, isHistogram } from "../metrics/mod.ts";
import { type Line, type Span, span, type Style } from "./line.ts";
import { samplesOf, type Snapshot } from "./snapshot.ts";
import {
  formatByteRate,
  formatBytes,
  formatNumber,
  formatRate,
  formatShare,
  formatTime,
  NOTHING,
} from "./units.ts";
import { STATE_STYLES, type View } from "./view.ts";

/** A module as the view shows it. */
export interface ModuleView extends Health {
  readonly name: string;
  /** What is shown of it in its line. */
  readonly figures: readonly Figure[];
}

type Numbers = readonly number[] | undefined;

function numbersOf(snapshot: Snapshot | undefined, metric: string): Numbers {
  const samples = snapshot === undefined ? [] : samplesOf(snapshot, metric);
  const values = samples.flatMap((sample) => isHistogram(sample) ? [] : Number(sample.value));
  return values.length === 0 ? undefined : values;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

/** A figure's number; undefined if it was not measured, or counting began anew. */
export function figureOf(
  { metric, show }: Figure,
  before: Snapshot | undefined,
  after: Snapshot,
): number | undefined {
  const now = numbersOf(after, metric);
  if (now === undefined) return undefined;
  if (show === "most") return Math.max(...now);
  if (show === "now") return sumOf(now);
  const former = numbersOf(before, metric);
  const seconds = (after.atMs - (before?.atMs ?? after.atMs)) / 1000;
  if (former === undefined || seconds <= 0) return undefined;
  const growth = sumOf(now) - sumOf(former);
  return growth < 0 ? undefined : growth / seconds;
}

type Format = (value: number | undefined) => string;

const RATE_FORMATS: Readonly<Record<Figure["unit"], Format>> = {
  number: formatRate,
  bytes: formatByteRate,
  time: (ns) => ns === undefined ? NOTHING : `${formatTime(ns)}/s`,
  share: (ns) => formatShare(ns === undefined ? undefined : ns / 1e9),
};

const FORMATS: Readonly<Record<Figure["unit"], Format>> = {
  number: formatNumber,
  bytes: formatBytes,
  time: (ns) => ns === undefined ? NOTHING : formatTime(ns),
  share: (share) => formatShare(share),
};

function shown(figure: Figure, { snapshot, before }: View): string {
  const formats = figure.show === "rate" ? RATE_FORMATS : FORMATS;
  return formats[figure.unit](figureOf(figure, before, snapshot));
}

/** The names of all figures and what they are, for a line of text. */
export function moduleWords(view: View): [label: string, value: string][] {
  return view.modules.flatMap(({ figures }) =>
    figures.map((figure): [string, string] => [figure.label, shown(figure, view)])
  );
}

function spansOf(module: ModuleView, view: View): Span[] {
  const isAlike = module.state === view.state;
  const style: Style = STATE_STYLES[module.state];
  return [
    ...isAlike ? [] : [span(`${module.state}: ${module.reason}  `, style)],
    ...module.figures.flatMap((figure) => [
      span(`${figure.label} `, "label"),
      span(`${shown(figure, view)}  `),
    ]),
  ];
}

/** The lines: of modules that have figures, or are in another state than the target's watch. */
export function moduleLines(view: View): Line[] {
  return view.modules.flatMap((module) => {
    const spans = spansOf(module, view);
    return spans.length === 0 ? [] : [[span(`${module.name} `.padEnd(8), "label"), ...spans]];
  });
}
