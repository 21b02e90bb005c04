import assert from "node:assert/strict";
import { quote, setupCommands } from "./setup.ts";

Deno.test("setupCommands() mounts cgroup2, tracefs and securityfs unless told otherwise", () => {
  const types = setupCommands({}).flatMap((line) => /^mount -t (\S+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(types, ["tracefs", "securityfs", "cgroup2"]);
  assert.deepEqual(setupCommands({ cgroup: "none", tracefs: false, securityfs: false }), []);
});

Deno.test("setupCommands() changes settings before it hides anything", () => {
  const setup = {
    cgroup: "none",
    tracefs: false,
    securityfs: false,
    settings: { "kernel.perf_event_paranoid": 3 },
    hidden: ["/sys/kernel/btf"],
  } as const;
  assert.deepEqual(setupCommands(setup).map((line) => line.split(" ")[0]), ["sysctl", "if"]);
});

Deno.test("quote() leaves plain words alone and keeps every other character", () => {
  assert.equal(quote("--filter=a/b"), "--filter=a/b");
  assert.equal(quote("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(quote(""), "''");
});
