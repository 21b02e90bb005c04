import assert from "node:assert/strict";
import { shown } from "./shown.ts";

Deno.test("shown() gives short values as JSON, and of long ones 40 characters", () => {
  assert.equal(shown("banana"), '"banana"');
  assert.equal(shown([1, null]), "[1,null]");
  const secret = "s3cr3t-".repeat(20);
  assert.equal(shown(secret), `"${secret.slice(0, 39)}\u2026`);
});

Deno.test("shown() has a text for what JSON cannot say", () => {
  assert.equal(shown(undefined), "undefined");
  assert.equal(shown(1n), "1");
});
