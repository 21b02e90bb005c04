import assert from "node:assert/strict";
import { processId } from "../../syscall/mod.ts";
import { countCpus, possibleCpus } from "./cpus.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("countCpus() counts ranges and single CPUs", () => {
  const counts = ["0\n", "0-3\n", "0-3,8", "1,3,5-7", "0-1023"].map(countCpus);
  assert.deepEqual(counts, [1, 4, 5, 5, 1024]);
});

Deno.test("countCpus() rejects what is no list of CPUs", () => {
  for (const list of ["", "\n", "a", "3-1", "0-", "-3", "0-1-2", "0,,1", "0x10", "1 2"]) {
    assert.throws(() => countCpus(list), {
      name: "SyntaxError",
      message: `Cannot parse CPU list ${JSON.stringify(list)}`,
    });
  }
});

Deno.test("possibleCpus() is at least the number of CPUs that are online", () => {
  assert.ok(possibleCpus() >= navigator.hardwareConcurrency);
});
