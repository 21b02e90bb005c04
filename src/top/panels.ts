/** The parts of the screen, each in the width and height that it is given. @module */
import { describeEnd, type LifeEnd } from "../metrics/mod.ts";
import type { Call, Rate, RateName } from "./activity.ts";
import { bars, sparkline } from "./chart.ts";
import { columnsOf, SERIES, type SeriesName, ticksInColumn } from "./history.ts";
import { quantile, slowest } from "./latency.ts";
import { fit, type Line, type Span, span, type Style, widthOf } from "./line.ts";
import { moduleLines } from "./modules.ts";
import {
  formatBound,
  formatByteRate,
  formatNumber,
  formatRate,
  formatShare,
  formatTime,
  NOTHING,
} from "./units.ts";
import { endOf, formerEnd, servingOf, STATE_STYLES, type View } from "./view.ts";

const RULE = "\u2500";
const AT_MOST = "\u2264";

/** A heading over the whole width. */
function heading(title: string, width: number): Line {
  return fit(
    [span(`${title} `, "title"), span(RULE.repeat(Math.max(0, width - title.length - 1)), "label")],
    width,
  );
}

/** A name and a value in a cell. */
function cell(name: string, value: string, nameWidth: number, width: number, style: Style = "plain"): Line {
  return fit([span(name.padEnd(nameWidth), "label"), span(value, style)], width);
}

/** The style of a number that ought to be 0. */
function alarm(rate: Rate, style: Style): Style {
  return rate !== undefined && rate > 0 ? style : "plain";
}

/** An end in words, with its time of day. */
function endText(end: LifeEnd): string {
  return `${describeEnd(end)} at ${new Date(end.timeMs).toISOString().slice(11, 19)}`;
}

/** What became of the target before, if anything did. */
function endSpans(view: View): Span[] {
  const [end, former] = [endOf(view), formerEnd(view)];
  if (end !== undefined) return [span(`  target ${endText(end)}; waiting for it`, "bad")];
  return former === undefined ? [] : [span(`  the one before ${endText(former)}`, "warn")];
}

/** Mode, target and strategies in three lines, then one for each module that has something to say. */
export function header(view: View): Line[] {
  const { strategies, inexact, absent } = servingOf(view.snapshot);
  const served = [...strategies].map(([strategy, count]) => `${strategy} ${count}`).join(", ");
  const remarks: Span[] = [
    ...inexact.length === 0 ? [] : [span(`  not exact: ${inexact.join(", ")}`, "warn")],
    ...absent.length === 0 ? [] : [span(`  absent: ${absent.join(", ")}`, "bad")],
  ];
  return [
    [
      span("mode    ", "label"),
      span(view.state, STATE_STYLES[view.state]),
      ...endSpans(view),
    ],
    [span("target  ", "label"), span(view.reason)],
    [span("probes  ", "label"), span(served === "" ? "none attached" : served), ...remarks],
    ...moduleLines(view),
  ];
}

/** How many buckets go from one label of the axis to the next: 2^5 us is the next label after 1 us. */
const AXIS_STEP = 5;

/** Rates, quantiles and the histogram of one system call; `rows` are those of the histogram. */
export function callPanel({ activity }: View, call: Call, width: number, rows: number): Line[] {
  const { calls, bytes, errors, latency } = activity.calls[call];
  const quantiles = [50, 95, 99].map((percent) =>
    [`p${percent}`, latency && quantile(latency, percent)] as const
  );
  const bounds = [...quantiles, ["max", latency && slowest(latency)] as const];
  const quarter = Math.floor(width / bounds.length);
  const buckets = latency?.buckets ?? [];
  const barWidth = Math.max(1, Math.floor(width / Math.max(1, buckets.length)));
  const axis = (latency?.bounds ?? [])
    .filter((_, index) => index % AXIS_STEP === 0)
    .map((bound) => formatTime(Number(bound), 0).padEnd(AXIS_STEP * barWidth)).join("");
  const chart = bars(buckets.map(Number), rows, barWidth);
  return [
    heading(call, width),
    fit([
      span(formatRate(calls)),
      span(`  ${formatByteRate(bytes)}  `),
      span(`${formatRate(errors)} failed`, alarm(errors, "bad")),
    ], width),
    bounds.flatMap(([name]) => fit([span(`${name} ${AT_MOST}`, "label")], quarter)),
    bounds.flatMap(([, bound]) => fit([span(formatBound(bound), "title")], quarter)),
    ...chart.map((row) => [span(row, "chart")]),
    [span(axis, "label")],
  ];
}

const CACHE_ROWS: readonly (readonly [string, RateName])[] = [
  ["look-ups", "lookups"],
  ["misses", "misses"],
  ["adds", "adds"],
  ["deletes", "deletes"],
];

/** The page cache in four lines under a heading. */
export function cachePanel({ activity: { rates } }: View, width: number): Line[] {
  const { lookups, misses } = rates;
  const share = lookups === undefined || misses === undefined ? undefined : misses / lookups;
  const remarks: Partial<Record<RateName, string>> = { misses: `${formatShare(share)} of look-ups` };
  return [
    heading("page cache", width),
    ...CACHE_ROWS.map(([label, name]) => [
      ...cell(label, formatRate(rates[name]), 10, 20),
      span(remarks[name] ?? ""),
    ]),
  ];
}

const ADVICE: readonly (readonly [RateName, RateName | "failed"])[] = [
  ["willneed", "normal"],
  ["dontneed", "noreuse"],
  ["random", "other"],
  ["sequential", "failed"],
];

/** `fadvise` by advice in four lines under a heading. */
export function advicePanel({ activity: { rates } }: View, width: number): Line[] {
  const { advised, succeeded } = rates;
  const failed = advised === undefined || succeeded === undefined
    ? undefined
    : Math.max(0, advised - succeeded);
  const half = Math.floor(width / 2);
  const adviceCell = (name: RateName | "failed") =>
    name === "failed"
      ? cell(name, formatRate(failed), 11, half, alarm(failed, "bad"))
      : cell(name, formatRate(rates[name]), 11, half);
  return [heading("fadvise", width), ...ADVICE.map((pair) => pair.flatMap(adviceCell))];
}

/** Nanoseconds of standing still in a second, as a share: above 100 % if threads stand still side by side. */
function stallShare(rate: Rate): string {
  return formatShare(rate === undefined ? undefined : rate / 1e9);
}

/** Reclaim, stall, and what is missing in the counts, in four lines under a heading. */
export function reclaimPanel({ activity: { rates } }: View, width: number): Line[] {
  const kind = (label: string, entries: Rate, stall: Rate): Line => [
    ...cell(label, formatRate(entries), 10, 20, alarm(entries, "warn")),
    span(`stalled ${stallShare(stall)}`, alarm(stall, "warn")),
  ];
  return [
    heading("reclaim", width),
    kind("direct", rates.directReclaims, rates.directStall),
    kind("memcg", rates.memcgReclaims, rates.memcgStall),
    [
      ...cell("scanned", formatRate(rates.scanned), 10, 20),
      span(`reclaimed ${formatRate(rates.reclaimed)}`),
    ],
    [
      ...cell("lost", formatRate(rates.lost), 10, 20, alarm(rates.lost, "bad")),
      span(`by comm   ${formatRate(rates.byComm)}`),
    ],
  ];
}

/** How the newest value of a sparkline is written. */
const FORMATS: Readonly<Record<SeriesName, (rate: Rate) => string>> = {
  "reads/s": formatNumber,
  p99: (ns) => ns === undefined ? NOTHING : formatTime(ns),
  "misses/s": formatNumber,
  stall: stallShare,
};

const HISTORY_NAME_WIDTH = 9;
const HISTORY_VALUE_WIDTH = 7;

/** The last minutes as sparklines in four lines under a heading, the highest value at the right. */
export function historyPanel({ history, intervalMs }: View, width: number): Line[] {
  const room = Math.max(1, width - HISTORY_NAME_WIDTH - HISTORY_VALUE_WIDTH);
  const perColumn = ticksInColumn(room, intervalMs);
  const minutes = Math.round(room * perColumn * intervalMs / 6000) / 10;
  return [
    heading(`last ${minutes} min, highest right`, width),
    ...Object.keys(SERIES).map((key) => {
      const name = key as SeriesName;
      const columns = columnsOf(history, name, room, perColumn);
      const known = columns.filter((value) => value !== undefined);
      const highest = known.length === 0 ? undefined : Math.max(...known);
      return [
        span(name.padEnd(HISTORY_NAME_WIDTH), "label"),
        span(sparkline(columns), "chart"),
        span(FORMATS[name](highest).padStart(HISTORY_VALUE_WIDTH)),
      ];
    }),
  ];
}

/** The newest notes, the newest last. */
export function notesPanel({ notes }: View, width: number, rows: number): Line[] {
  return notes.slice(notes.length - Math.min(rows, notes.length)).map(({ time, isBad, text }) => {
    const head = span(`${time.toISOString().slice(11, 19)} `, "label");
    return fit([head, span(text, isBad ? "warn" : "plain")], Math.max(width, widthOf([head])));
  });
}
