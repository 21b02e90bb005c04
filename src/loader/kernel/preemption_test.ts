import assert from "node:assert/strict";
import { isFullyPreemptible } from "./preemption.ts";

const DYNAMIC = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-10-01)";

function hints(version: string, commandLine = "", config?: Readonly<Record<string, string>>) {
  const options = config === undefined ? undefined : new Map(Object.entries(config));
  return { version, commandLine, config: () => options };
}

Deno.test("isFullyPreemptible() goes by the version where the kernel has no choice", () => {
  const versions = {
    "#1 SMP Debian 5.10.223-1 (2024-08-10)": false,
    "#1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 2026": true,
    "#1 SMP PREEMPT_RT Debian 6.12.107-1": true,
    "#1 SMP PREEMPT_LAZY Thu Jan 1 00:00:00 UTC 2026": false,
    "": false,
  };
  for (const [version, expected] of Object.entries(versions)) {
    assert.equal(
      isFullyPreemptible(hints(version, "preempt=full", { CONFIG_PREEMPT: "y" })),
      expected,
      version,
    );
  }
});

Deno.test("isFullyPreemptible() goes by the last preempt= that the kernel knows, then by its default", () => {
  const cases: readonly (readonly [commandLine: string, byDefault: string, expected: boolean])[] = [
    ["quiet", "y", true],
    ["quiet", "n", false],
    ["preempt=full quiet", "n", true],
    ["root=/dev/sda preempt=none", "y", false],
    ["preempt=lazy", "y", false],
    ["preempt=voluntary preempt=full", "n", true],
    ["preempt=full preempt=voluntary", "n", false],
    ["preempt=fuller rcu.preempt=full", "n", false],
  ];
  for (const [commandLine, byDefault, expected] of cases) {
    assert.equal(
      isFullyPreemptible(hints(DYNAMIC, commandLine, { CONFIG_PREEMPT: byDefault })),
      expected,
      commandLine,
    );
  }
});

Deno.test("isFullyPreemptible() says no where the configuration is not to be found", () => {
  assert.equal(isFullyPreemptible(hints(DYNAMIC)), false);
});
