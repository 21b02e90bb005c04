/** `ktm explain`: whether reads have become slower, why, and what to do. @module */
import { MODULES } from "../../collector/mod.ts";
import { CALL_METRICS, explainRecording, formatExplanation } from "../../diagnosis/mod.ts";
import { type Recording, visibleJson } from "../../metrics/mod.ts";
import { DUMP_LIMITS, DumpError, readDump } from "../../recorder/mod.ts";
import type { Config } from "../../sidecar/config/config.ts";
import { thresholdsOf } from "../../sidecar/config/thresholds.ts";
import { createHost } from "../../sidecar/host.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { Flags } from "../arguments/flags.ts";
import { DIAGNOSIS_OPTIONS } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import type { CommandContext } from "../command.ts";
import { print } from "../output.ts";
import { readInput, STANDARD_INPUT } from "../read_input.ts";
import { untilSignal } from "../until_signal.ts";

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
  ended.addEventListener(
    "abort",
    () => reason = [...new Set(states().map((state) => state.reason))].join("; "),
  );
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

/** Refuses to observe with modules of which none times reads. */
function requireReads({ collector }: Config): void {
  const timing = MODULES.filter(({ families }) => families.some(({ name }) => name === CALL_METRICS.read));
  const isKnown = (module: string) => MODULES.some(({ name }) => name === module);
  // An unknown name is a message of its own.
  if (!collector.modules.every(isKnown)) return;
  if (timing.some(({ name }) => collector.modules.includes(name))) return;
  const names = timing.map(({ name }) => name).join(" or ");
  throw new UsageError(
    `collector.modules: explain compares reads, and none of ${collector.modules.join(", ")} times them: ` +
      `add ${names}`,
  );
}

/** The options that mean something to a dump; the others say how to observe. */
const DUMP_OPTIONS = ["config", "from", "json", ...DIAGNOSIS_OPTIONS.map(({ name }) => name)];

function refuseObserving({ names }: Flags): void {
  const idle = names.find((name) => !DUMP_OPTIONS.includes(name));
  if (idle === undefined) return;
  throw new UsageError(`--${idle} has no effect with --from: leave out one of the two`);
}

/** Names the dump in its error, and what `/incidents` is, which is easily taken for a dump. */
function dumpError({ message }: DumpError, path: string, text: string): Error {
  const name = path === STANDARD_INPUT ? "standard input" : path;
  const remedy = text.trimStart().startsWith("[") ? "; /incidents is a list, its dumps are /incidents/N" : "";
  return new Error(message.replace("the dump", () => `the dump ${name}`) + remedy);
}

function read(path: string): Recording {
  const text = readInput(path, DUMP_LIMITS.characters);
  try {
    return readDump(text);
  } catch (error) {
    throw error instanceof DumpError ? dumpError(error, path, text) : error;
  }
}

/** Explains a dump, or what it observes. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const path = flags.text("from");
  if (path !== undefined) refuseObserving(flags);
  else requireReads(config);
  const recording = path === undefined ? await observe(config, flags) : read(path);
  const explanation = explainRecording(recording, thresholdsOf(config));
  print(
    flags.has("json")
      ? `${visibleJson(JSON.stringify(explanation, null, 2))}\n`
      : formatExplanation(explanation),
  );
  return 0;
}
