/** `ktm run`: the agent. @module */
import { enableRunStats } from "../../loader/mod.ts";
import { releaseStartupMemory } from "../../runtime/startup_memory.ts";
import { reloadConfig } from "../../sidecar/config/config.ts";
import { createHost, type Host } from "../../sidecar/host.ts";
import { Endpoint } from "../../sidecar/http/endpoint.ts";
import { log, openLog, releaseHeldLines } from "../../sidecar/log/log.ts";
import { openConfiguredFile } from "../../sidecar/recorder_file.ts";
import { Reloader } from "../../sidecar/reload.ts";
import { ServiceManager } from "../../sidecar/service_manager.ts";
import { keepTidy } from "../../sidecar/tidy.ts";
import { VERSION } from "../../sidecar/version.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { CommandContext } from "../command.ts";
import { onHangup } from "../on_hangup.ts";
import { surviveErrors } from "../survive_errors.ts";
import { untilSignal } from "../until_signal.ts";

/** What `systemctl status` shows. */
function statusOf(host: Host): string {
  // Most often all say the same.
  const said = Map.groupBy(Object.entries(host.health()), ([, { state, reason }]) => `${state}: ${reason}`);
  return [...said].map(([what, modules]) => `${modules.map(([name]) => name).join(", ")} ${what}`).join("; ");
}

/** Collects until SIGTERM or SIGINT; SIGHUP has it read its configuration again. */
export async function run({ config, flags }: CommandContext): Promise<number> {
  // While it is still allowed to.
  openLog();
  using _survive = surviveErrors();
  const selfStats = flags.has("self-stats");
  using afterStart = new DisposableStack();
  // Held for as long as programs run: later the capability is gone.
  using _stats = selfStats ? enableRunStats() : undefined;
  const recorderFile = await openConfiguredFile(config);
  using _log = recorderFile?.log;
  const host = createHost(config, { ...attachSettings(flags), selfStats, incidents: true, recorderFile });
  const endpoint = new Endpoint(host);
  const reloader = new Reloader(
    host,
    endpoint,
    config,
    () => reloadConfig(flags.text("config"), flags.overrides()),
  );
  using manager = new ServiceManager(() => statusOf(host));
  using guard = untilSignal();
  guard.signal.addEventListener("abort", () => manager.stopping());
  const reload = async () => {
    manager.reloading();
    await reloader.reload();
    manager.ready();
  };
  {
    // Before anything is said from which others take that it runs.
    await using _reloads = onHangup(reload);
    log.info("ktm starts", { version: VERSION, interval_ms: config.collector.interval });
    await endpoint.change(config.exporter);
    await host.collector.run(guard.signal, () => {
      manager.ready();
      // Not before: the first timer of a process takes as long as loading all programs.
      afterStart.use(keepTidy());
      releaseStartupMemory();
    });
  }
  await endpoint.close();
  releaseHeldLines();
  log.info("ktm has stopped");
  return 0;
}
