/** `ktm explain`: whether reads have become slower, why, and what to do. @module */
import { explainRecording, formatExplanation } from "../diagnosis/mod.ts";
import type { Recording } from "../metrics/mod.ts";
import { DUMP_LIMITS, readDump } from "../recorder/mod.ts";
import type { Config } from "../sidecar/config.ts";
import { createHost } from "../sidecar/host.ts";
import { thresholdsOf } from "../sidecar/thresholds.ts";
import type { CommandContext } from "./command.ts";
import { attachSettings } from "./attach_settings.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { readInput } from "./read_input.ts";
import { untilSignal } from "./until_signal.ts";

/** Collections in the time of observation, as far as that gives an interval between the bounds. */
const COLLECTIONS = 120;
const SHORTEST_INTERVAL_MS = 100;
const LONGEST_INTERVAL_MS = 10_000;

/** Observes for the duration, or until SIGINT or SIGTERM. */
async function observe(config: Config, flags: Flags): Promise<Recording> {
  const duration = flags.duration("duration");
  const interval = Math.min(
    LONGEST_INTERVAL_MS,
    Math.max(SHORTEST_INTERVAL_MS, Math.round(duration / COLLECTIONS)),
  );
  const host = createHost({ ...config, collector: { ...config.collector, interval } }, attachSettings(flags));
  using guard = untilSignal();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), duration);
  const ended = AbortSignal.any([guard.signal, controller.signal]);
  const states = () => Object.values(host.health());
  let reason = "";
  ended.addEventListener("abort", () => reason = states().map((state) => state.reason).join("; "));
  try {
    await host.collector.run(ended, () => {
      if (states().some(({ state }) => state === "disabled")) controller.abort();
    });
  } finally {
    clearTimeout(timer);
  }
  const failure = host.failure() ?? (host.recorder.lives.length === 0 ? reason : undefined);
  if (failure !== undefined) throw new Error(`Cannot explain anything: ${failure}`);
  return host.recorder.recording();
}

function read(path: string): Recording {
  return readDump(readInput(path, DUMP_LIMITS.characters));
}

/** Explains a dump, or what it observes. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const path = flags.text("from");
  const recording = path === undefined ? await observe(config, flags) : read(path);
  const explanation = explainRecording(recording, thresholdsOf(config));
  print(flags.has("json") ? `${JSON.stringify(explanation, null, 2)}\n` : formatExplanation(explanation));
  return 0;
}
