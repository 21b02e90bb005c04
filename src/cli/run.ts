/** `ktm run`: the agent. @module */
import { createHost } from "../sidecar/host.ts";
import { serve } from "../sidecar/http.ts";
import { log } from "../sidecar/log.ts";
import { VERSION } from "../sidecar/version.ts";
import type { CommandContext } from "./command.ts";
import { attachSettings } from "./attach_settings.ts";
import { untilSignal } from "./until_signal.ts";

/** Collects until SIGTERM or SIGINT. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  const host = createHost(config, attachSettings(flags));
  using guard = untilSignal();
  const { listen } = config.exporter;
  const server = listen === undefined ? undefined : serve(host, listen, guard.signal);
  log.info("ktm starts", { version: VERSION, interval_ms: config.collector.interval });
  await host.collector.run(guard.signal);
  await server?.finished;
  log.info("ktm has stopped");
  return 0;
}
