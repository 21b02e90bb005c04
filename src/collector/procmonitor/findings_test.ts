import assert from "node:assert/strict";
import { threadFinding } from "./findings.ts";

Deno.test("threadFinding() says how the threads are read, and why not", () => {
  assert.equal(threadFinding({ failure: undefined, narrows: true }).level, "ok");
  assert.equal(threadFinding({ failure: undefined, narrows: undefined }).level, "ok");
  assert.equal(threadFinding({ failure: undefined, narrows: false }).level, "note");
  const failed = threadFinding({ failure: "Cannot load program count_threads", narrows: undefined });
  assert.deepEqual(failed, {
    name: "threads",
    level: "degraded",
    detail: "Cannot load program count_threads",
  });
});
