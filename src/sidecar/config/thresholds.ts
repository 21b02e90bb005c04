/** What a configuration says of the diagnosis. @module */
import { DEFAULT_THRESHOLDS, type Thresholds } from "../../diagnosis/mod.ts";
import type { Config } from "./config.ts";

/** The numbers that decide, with those that the configuration sets. */
export function thresholdsOf({ diagnosis }: Pick<Config, "diagnosis">): Thresholds {
  return {
    ...DEFAULT_THRESHOLDS,
    floorNs: diagnosis.latency_floor,
    rise: diagnosis.latency_rise,
    fewestCalls: diagnosis.fewest_calls,
    pressure: diagnosis.pressure_rise,
  };
}
