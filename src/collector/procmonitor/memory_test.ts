import assert from "node:assert/strict";
import type { Sample } from "../../metrics/mod.ts";
import { lowestLimit, MEMORY_V1, MEMORY_V2, memorySamples } from "./memory.ts";

const reader = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

/** Values by name and labels. */
function values(samples: readonly Sample[]): Record<string, bigint> {
  return Object.fromEntries(samples.map((sample) => {
    assert.ok("value" in sample);
    return [[sample.family.name, ...Object.values(sample.labels)].join(" "), sample.value];
  }));
}

const V2 = {
  "/c/pod/db/memory.current": "1048576\n",
  "/c/pod/db/memory.max": "max\n",
  "/c/pod/memory.max": "8388608\n",
  "/c/memory.max": "16777216\n",
  "/c/pod/db/memory.events": "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\nsock_throttled 7\n",
};

Deno.test("memorySamples() reads what version 2 has", () => {
  assert.deepEqual(values(memorySamples(MEMORY_V2, "/c/pod/db", reader(V2))), {
    ktm_memory_current_bytes: 1048576n,
    ktm_memory_limit_bytes: 8388608n,
    "ktm_memory_events_total low": 1n,
    "ktm_memory_events_total high": 2n,
    "ktm_memory_events_total max": 3n,
    "ktm_memory_events_total oom": 4n,
    "ktm_memory_events_total oom_kill": 5n,
    "ktm_memory_events_total oom_group_kill": 6n,
  });
});

Deno.test("memorySamples() reads what means the same in version 1", () => {
  const files = {
    "/m/db/memory.usage_in_bytes": "262144\n",
    "/m/db/memory.limit_in_bytes": "9223372036854771712\n",
    "/m/memory.limit_in_bytes": "9223372036854771712\n",
    "/m/db/memory.failcnt": "12\n",
    "/m/db/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
  };
  assert.deepEqual(values(memorySamples(MEMORY_V1, "/m/db", reader(files))), {
    ktm_memory_current_bytes: 262144n,
    "ktm_memory_events_total max": 12n,
    "ktm_memory_events_total oom_kill": 2n,
  });
});

Deno.test("memorySamples() leaves out more memory than there can be, which no recorder takes", () => {
  const files = { "/c/memory.current": "18446744073709551615\n", "/c/memory.max": "4096\n" };
  assert.deepEqual(values(memorySamples(MEMORY_V2, "/c", reader(files))), { ktm_memory_limit_bytes: 4096n });
});

Deno.test("memorySamples() leaves out what is not there or no number", () => {
  assert.deepEqual(memorySamples(MEMORY_V2, "/c/pod/db", () => undefined), []);
  assert.deepEqual(memorySamples(MEMORY_V2, "/c/pod/db", () => "\0\xff".repeat(1000)), []);
  assert.deepEqual(memorySamples(MEMORY_V1, "/c/pod/db", () => ""), []);
  // Before 4.13 the killer is not counted.
  const old = { "/m/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n" };
  assert.deepEqual(memorySamples(MEMORY_V1, "/m", reader(old)), []);
});

Deno.test("lowestLimit() goes up as far as there are limits, and no further", () => {
  const limits = { "/a/b/c/memory.max": "300", "/a/b/memory.max": "200", "/memory.max": "1" };
  assert.equal(lowestLimit(MEMORY_V2, "/a/b/c", reader(limits)), 200n);
  assert.equal(lowestLimit(MEMORY_V2, "/x", reader(limits)), undefined);
  assert.equal(lowestLimit(MEMORY_V2, "/d/".repeat(1000), () => "max"), undefined);
});

Deno.test("lowestLimit() takes a limit of 0 for what it is", () => {
  assert.equal(lowestLimit(MEMORY_V2, "/a", reader({ "/a/memory.max": "0\n" })), 0n);
});
