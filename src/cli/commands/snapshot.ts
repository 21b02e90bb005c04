/** `ktm snapshot`: one collection. @module */
import { formatJson, formatPrometheus, formatTable } from "../../exporter/mod.ts";
import type { SampleSet } from "../../metrics/mod.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createHost, type Host } from "../../sidecar/host.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { CommandContext } from "../command.ts";
import { print } from "../output.ts";
import { untilSignal } from "../until_signal.ts";

const FORMATS: Readonly<Record<string, (sets: readonly SampleSet[]) => string>> = {
  prometheus: formatPrometheus,
  json: formatJson,
  table: formatTable,
};

/** Signals end the wait; while the result is printed, for as long as its reader takes, they end the program. */
async function observe(host: Host, durationMs: number): Promise<void> {
  using guard = untilSignal();
  await host.collector.start();
  const disabled = Object.values(host.health()).find(({ state }) => state === "disabled");
  if (disabled !== undefined) throw new Error(`Cannot take a snapshot: ${disabled.reason}`);
  await systemClock.wait(systemClock.monotonic() + durationMs, guard.signal);
  await host.collector.collectNow();
}

/** Attaches, waits, prints one collection; SIGINT or SIGTERM end the wait early. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const host = createHost(config, attachSettings(flags));
  try {
    await observe(host, flags.duration("duration"));
    const unwatched = Object.values(host.health()).find(({ state }) =>
      state === "disabled" || state === "waiting"
    );
    const fault = host.failure() ?? unwatched?.reason;
    if (fault !== undefined) throw new Error(`Cannot take a snapshot: ${fault}`);
    print(FORMATS[flags.text("format")!]!(host.latest()));
    return 0;
  } finally {
    await host.collector.stop();
  }
}
