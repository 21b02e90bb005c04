/** `ktm snapshot`: one collection. @module */
import { systemClock } from "../collector/mod.ts";
import { formatJson, formatPrometheus, formatTable } from "../exporter/mod.ts";
import type { SampleSet } from "../metrics/mod.ts";
import { createHost } from "../sidecar/host.ts";
import type { CommandContext } from "./command.ts";
import { attachSettings } from "./attach_settings.ts";
import { print } from "./output.ts";
import { untilSignal } from "./until_signal.ts";

const FORMATS: Readonly<Record<string, (sets: readonly SampleSet[]) => string>> = {
  prometheus: formatPrometheus,
  json: formatJson,
  table: formatTable,
};

/** Attaches, waits, prints one collection; SIGINT or SIGTERM end the wait early. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const host = createHost(config, attachSettings(flags));
  using guard = untilSignal();
  try {
    await host.collector.start();
    const disabled = Object.values(host.health()).find(({ state }) => state === "disabled");
    if (disabled !== undefined) throw new Error(`Cannot take a snapshot: ${disabled.reason}`);
    await systemClock.wait(systemClock.monotonic() + flags.duration("duration"), guard.signal);
    await host.collector.collectNow();
    const unwatched = Object.values(host.health()).find(({ state }) =>
      state === "disabled" || state === "waiting"
    );
    if (unwatched !== undefined) throw new Error(`Cannot take a snapshot: ${unwatched.reason}`);
    print(FORMATS[flags.text("format")!]!(host.latest()));
    return 0;
  } finally {
    await host.collector.stop();
  }
}
