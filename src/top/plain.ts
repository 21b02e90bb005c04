/** One tick as one line of text, for what is no terminal. @module */
import { CALLS } from "./activity.ts";
import { quantile, slowest } from "./latency.ts";
import { moduleWords } from "./modules.ts";
import { formatBound, formatByteRate, formatRate, formatShare } from "./units.ts";
import type { View } from "./view.ts";

/** The line, without a newline. */
export function renderPlain(view: View): string {
  const { calls, rates } = view.activity;
  const { directStall, memcgStall } = rates;
  const stall = directStall === undefined || memcgStall === undefined
    ? undefined
    : (directStall + memcgStall) / 1e9;
  const fields = [
    ["mode", view.state],
    ...CALLS.flatMap((call) => {
      const { calls: rate, bytes, latency } = calls[call];
      return [
        [call, formatRate(rate)],
        ["bytes", formatByteRate(bytes)],
        ["p99", formatBound(latency && quantile(latency, 99))],
        ["max", formatBound(latency && slowest(latency))],
      ];
    }),
    ["lookups", formatRate(rates.lookups)],
    ["misses", formatRate(rates.misses)],
    ["adds", formatRate(rates.adds)],
    ["fadvise", formatRate(rates.advised)],
    ["stalled", formatShare(stall)],
    ...moduleWords(view),
  ];
  return [view.time.toISOString(), ...fields.map((field) => field.join(" "))].join("  ");
}
