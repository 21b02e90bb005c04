import assert from "node:assert/strict";
import { callNumbers, callTargets, onlyStrategies } from "../../programs/mod.ts";
import { PROBES } from "./probes.ts";

Deno.test("the family of writes is attached as a whole, in one way", () => {
  const [{ strategies }] = PROBES.filter(({ probe }) => probe === "sys_write") as [typeof PROBES[number]];
  const [fentry] = strategies;
  assert.equal(fentry?.strategy, "fentry");
  for (const call of ["write", "pwrite64", "writev", "pwritev", "pwritev2"]) {
    assert.ok(fentry.programs.includes(`fexit_${call}`) && fentry.programs.includes(`fentry_${call}`), call);
  }
  // Every exit is attached before the first entry: a call whose entry is seen has its exit seen, too.
  const entry = fentry.programs.findIndex((program) => program.startsWith("fentry_"));
  assert.ok(fentry.programs.slice(entry).every((program) => program.startsWith("fentry_")));
});

Deno.test("the numbers of all calls are known wherever they are followed", () => {
  const all = Object.keys(callNumbers(PROBES, "aarch64"));
  assert.equal(all.length, 8);
  assert.deepEqual(Object.keys(callNumbers(onlyStrategies(PROBES, ["fentry"]), "x86_64")), all);
});

Deno.test("only what is attached to functions of calls has another place on arm64", () => {
  const targets = Object.entries(callTargets(PROBES, "aarch64"));
  assert.equal(targets.length, 16);
  for (const [program, target] of targets) {
    assert.equal(target, `__arm64_sys_${program.replace(/^f(entry|exit)_/, "")}`);
  }
});
