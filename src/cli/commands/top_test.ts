import assert from "node:assert/strict";
import { IOMONITOR } from "../../collector/iomonitor/mod.ts";
import { FALLBACK_EVENTS, LOST_EVENTS } from "../../target/mod.ts";
import { callMetrics, CALLS, RATES } from "../../top/mod.ts";

Deno.test("Every metric that top shows is one that iomonitor or the target watch makes, with the same label", () => {
  const own = (families: readonly { name: string }[]) => families.map(({ name }) => `${name} {}`);
  const made = new Set([
    ...IOMONITOR.counters.map(({ family, labels }) => `${family.name} ${JSON.stringify(labels)}`),
    ...own([FALLBACK_EVENTS, LOST_EVENTS, ...IOMONITOR.latencies.map(({ family }) => family)]),
  ]);
  const shown = [
    ...Object.values(RATES).map(([name, label]) =>
      `${name} ${JSON.stringify(label === undefined ? {} : Object.fromEntries([label]))}`
    ),
    ...CALLS.flatMap((call) => Object.values(callMetrics(call)).map((name) => `${name} {}`)),
  ];
  assert.deepEqual(shown.filter((name) => !made.has(name)), []);
});
