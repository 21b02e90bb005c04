import assert from "node:assert/strict";
import { processId } from "./process.ts";
import { descriptorLimit } from "./rlimit.ts";

// Otherwise the first test that calls libc would be the one that leaks it.
processId();

Deno.test("descriptorLimit() is the limit that /proc shows", () => {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  const [, shown] = /^Max open files\s+(\S+)/m.exec(limits)!;
  assert.equal(descriptorLimit(), shown === "unlimited" ? Infinity : Number(shown));
});
