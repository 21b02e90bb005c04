/** What the screen shows. @module */
import type { Activity } from "./activity.ts";
import type { History } from "./history.ts";
import type { Health, Life, LifeEnd } from "../metrics/mod.ts";
import type { Style } from "./line.ts";
import type { ModuleView } from "./modules.ts";
import { samplesOf, type Snapshot } from "./snapshot.ts";

/** What happened, for the lines at the bottom. */
export interface Note {
  readonly time: Date;
  readonly isBad: boolean;
  readonly text: string;
}

/** Everything that a screen is made of. */
export interface View {
  readonly snapshot: Snapshot;
  /** The one before; undefined if there is none yet. */
  readonly before: Snapshot | undefined;
  /** Between the two. */
  readonly activity: Activity;
  readonly history: History;
  readonly intervalMs: number;
  readonly time: Date;
  readonly state: Health["state"];
  /** What is watched, or why nothing is. */
  readonly reason: string;
  readonly modules: readonly ModuleView[];
  /** The lives of the target, the oldest first. */
  readonly lives: readonly Life[];
  /** From the oldest. */
  readonly notes: readonly Note[];
}

/** How a state is shown. */
export const STATE_STYLES: Readonly<Record<View["state"], Style>> = {
  full: "good",
  degraded: "warn",
  waiting: "warn",
  ended: "bad",
  disabled: "bad",
};

/** Columns and rows of the terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How the probes are served. */
export interface Serving {
  /** How many probes each strategy serves. */
  readonly strategies: ReadonlyMap<string, number>;
  /** Probes that give a bound or an approximation. */
  readonly inexact: readonly string[];
  /** Probes that nothing serves. */
  readonly absent: readonly string[];
}

/** Reads how the probes are served. */
export function servingOf(snapshot: Snapshot): Serving {
  const strategies = new Map<string, number>();
  const info = samplesOf(snapshot, "ktm_probe_info").map(({ labels }) => labels);
  for (const { strategy = "" } of info) strategies.set(strategy, (strategies.get(strategy) ?? 0) + 1);
  const named = (labels: Readonly<Record<string, string>>) => labels["probe"] ?? "";
  return {
    strategies,
    inexact: info.filter(({ exact }) => exact === "false").map(named),
    absent: samplesOf(snapshot, "ktm_probe_attached")
      .filter((sample) => "value" in sample && sample.value === 0n)
      .map(({ labels }) => named(labels)),
  };
}

/** The end of the target if it has ended and is not back. */
export function endOf({ lives }: View): LifeEnd | undefined {
  return lives.at(-1)?.end;
}

/** The newest end of the target before the life that lasts. */
export function formerEnd({ lives }: View): LifeEnd | undefined {
  return lives.slice(0, -1).findLast(({ end }) => end !== undefined && end.how !== "unwatched")?.end;
}
