import assert from "node:assert/strict";
import type { Finding, Level } from "../collector/mod.ts";
import { gravest } from "./findings.ts";

function findings(...levels: Level[]): Finding[] {
  return levels.map((level) => ({ name: "something", level, detail: "as it is" }));
}

Deno.test("gravest() gives the level that matters most, wherever it stands", () => {
  assert.equal(gravest(findings("ok", "note", "ok")), "note");
  assert.equal(gravest(findings("degraded", "note", "ok")), "degraded");
  assert.equal(gravest(findings("note", "failed", "degraded")), "failed");
});

Deno.test("gravest() takes nothing found for all well", () => {
  assert.equal(gravest([]), "ok");
});
