import assert from "node:assert/strict";
import { processId } from "./process.ts";
import { openFileLimit } from "./rlimit.ts";

// Otherwise the first test that calls libc would be the one that leaks it.
processId();

Deno.test("openFileLimit() is the limit that /proc shows", () => {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  const [, shown] = /^Max open files\s+(\S+)/m.exec(limits)!;
  assert.equal(openFileLimit(), shown === "unlimited" ? Infinity : Number(shown));
});
