import assert from "node:assert/strict";
import { configFrom } from "../../sidecar/config/config.ts";
import { COMMANDS } from "../commands.ts";
import { Flags } from "./flags.ts";
import { ATTACH_OPTIONS, RUN_OPTIONS } from "./options.ts";

/** A value for each configuration key that differs from its default. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  "collector.interval": "3s",
  "collector.modules": "other",
  "collector.ebpf.cgroup_path": "db",
  "collector.ebpf.comm_prefix": "db",
  "collector.ebpf.comm_fallback": "never",
  "recorder.memory_limit": "1MiB",
  "recorder.file": "/run/ktm/recorder",
  "diagnosis.latency_floor": "1ms",
  "diagnosis.latency_rise": "3",
  "diagnosis.fewest_calls": "1000",
  "diagnosis.pressure_rise": "3",
  "exporter.listen": "127.0.0.1:1",
  "exporter.allowed_hosts": "ktm.example",
  "log.level": "error",
  "log.format": "json",
};

Deno.test("every configuration key can be set by one flag of run", () => {
  const paths = [...ATTACH_OPTIONS, ...RUN_OPTIONS].flatMap(({ configPath }) => configPath ?? []);
  assert.deepEqual(paths.toSorted(), Object.keys(OTHER_VALUES).toSorted());
  const defaults = configFrom(undefined);
  for (
    const option of [...ATTACH_OPTIONS, ...RUN_OPTIONS].filter(({ configPath }) => configPath !== undefined)
  ) {
    const flags = new Flags([option], new Map([[option.name, OTHER_VALUES[option.configPath!]!]]));
    assert.notDeepEqual(configFrom(undefined, flags.overrides()), defaults, option.name);
  }
});

Deno.test("the defaults that help shows for configuration keys are those of the configuration", () => {
  const shown = [...ATTACH_OPTIONS, ...RUN_OPTIONS].filter((option) => option.default !== undefined);
  const given = new Map(shown.map((option) => [option.name, option.default!]));
  assert.deepEqual(
    configFrom(undefined, new Flags(shown, given).overrides()),
    configFrom(undefined),
  );
});

Deno.test("defaults of the other options pass their own checks", () => {
  for (const option of COMMANDS.flatMap(({ options }) => options)) {
    if (option.default !== undefined) assert.doesNotThrow(() => option.check?.(option.default!), option.name);
  }
});

Deno.test("no command has two options of one name", () => {
  for (const { name, options } of COMMANDS) {
    assert.equal(new Set(options.map((option) => option.name)).size, options.length, name);
  }
});
