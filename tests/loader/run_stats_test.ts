import assert from "node:assert/strict";
import { BpfObject, enableRunStats } from "../../src/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test(needs(["root", "btf", "clang"], "runs() counts while enableRunStats() is in force", async () => {
  using object = new BpfObject(await compileObject("data"));
  const program = object.program("sum_data");
  const run = () => program.run({ data: new Uint8Array(64) });
  using _stats = enableRunStats();
  const before = program.runs().count;
  for (let time = 0; time < 3; time++) run();
  const { count, nanoseconds } = program.runs();
  assert.equal(count - before, 3n);
  assert.ok(nanoseconds > 0n);
}));
