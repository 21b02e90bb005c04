import assert from "node:assert/strict";
import { quote, setupCommands, turnOf } from "./setup.ts";

Deno.test("setupCommands() mounts cgroup2, tracefs and securityfs unless told otherwise", () => {
  const types = setupCommands({}).flatMap((line) => /^mount -t (\S+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(types, ["tracefs", "securityfs", "cgroup2"]);
  assert.deepEqual(setupCommands({ cgroup: "none", tracefs: false, securityfs: false }), []);
});

Deno.test("setupCommands() locks the kernel down before it hides anything", () => {
  const setup = {
    cgroup: "none",
    tracefs: false,
    securityfs: false,
    lockdown: "confidentiality",
    hidden: ["/sys/kernel"],
  } as const;
  assert.deepEqual(setupCommands(setup).map((line) => line.split(" ")[0]), ["echo", "if"]);
});

Deno.test("turnOf() has cgroup v1 before v2, and lockdown last", () => {
  const setups = [{ lockdown: "confidentiality" }, {}, { cgroup: "v1" }, { cgroup: "none" }] as const;
  const inTurn = setups.toSorted((a, b) => turnOf(a) - turnOf(b));
  assert.deepEqual(inTurn, [{ cgroup: "v1" }, {}, { cgroup: "none" }, { lockdown: "confidentiality" }]);
});

Deno.test("quote() leaves plain words alone and keeps every other character", () => {
  assert.equal(quote("--filter=a/b"), "--filter=a/b");
  assert.equal(quote("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(quote(""), "''");
});
