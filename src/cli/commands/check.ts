/** `ktm check`: what this machine offers. @module */
import type { Finding, Level } from "../../collector/mod.ts";
import { visible, visibleJson } from "../../metrics/mod.ts";
import { requireDescriptors } from "../../sidecar/descriptors.ts";
import { findAll, gravest } from "../../sidecar/findings.ts";
import { modulesOf } from "../../sidecar/host.ts";
import type { LifeObserver } from "../../target/mod.ts";
import { attachSettings } from "../arguments/attach_settings.ts";
import type { CommandContext } from "../command.ts";
import { print } from "../output.ts";

const EXIT_CODES: Readonly<Record<Level, number>> = { ok: 0, note: 0, degraded: 3, failed: 1 };
const VERDICTS: Readonly<Record<Level, string>> = {
  ok: "full",
  note: "full",
  degraded: "degraded",
  failed: "cannot run",
};

/** Nothing lives that is only checked. */
const NOBODY: LifeObserver = { begins() {}, ends() {}, restarts() {} };

/** A finding in one line. */
export function line({ name, level, detail, remedy }: Finding): string {
  return `${level.padEnd(9)} ${name}: ${visible(detail)}${
    remedy === undefined ? "" : `; ${visible(remedy)}`
  }\n`;
}

/** Prints one line for each finding with its remedy: exit code 0 full, 3 degraded, 1 cannot run. */
export function run({ config, flags }: CommandContext): Promise<number> {
  const modules = modulesOf(config, attachSettings(flags), NOBODY);
  requireDescriptors(config.collector.modules, 0);
  const { comm_prefix, cgroup_path } = config.collector.ebpf;
  const findings = findAll({
    commPrefix: comm_prefix,
    cgroupPath: cgroup_path,
    modules,
  });
  const level = gravest(findings);
  print(
    flags.has("json")
      ? `${visibleJson(JSON.stringify({ version: 1, verdict: VERDICTS[level], findings }, null, 2))}\n`
      : `${findings.map(line).join("")}\n${VERDICTS[level]}\n`,
  );
  return Promise.resolve(EXIT_CODES[level]);
}
