import assert from "node:assert/strict";
import { configFrom } from "../../sidecar/config/config.ts";
import { WRITTEN } from "../../sidecar/config/testing_written.ts";
import { COMMANDS } from "../commands.ts";
import { Flags } from "./flags.ts";
import { ATTACH_OPTIONS, RUN_OPTIONS } from "./options.ts";

/** A value of a file as a flag takes it. */
function onCommandLine(written: string): string {
  return written.replace(/^\[(\w.*)\]$/, "$1").replaceAll(", ", ",");
}

Deno.test("every configuration key can be set by one flag of run", () => {
  const paths = [...ATTACH_OPTIONS, ...RUN_OPTIONS].flatMap(({ configPath }) => configPath ?? []);
  assert.deepEqual(paths.toSorted(), Object.keys(WRITTEN).toSorted());
  const defaults = configFrom(undefined);
  for (
    const option of [...ATTACH_OPTIONS, ...RUN_OPTIONS].filter(({ configPath }) => configPath !== undefined)
  ) {
    const flags = new Flags([option], new Map([[option.name, onCommandLine(WRITTEN[option.configPath!]!)]]));
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
