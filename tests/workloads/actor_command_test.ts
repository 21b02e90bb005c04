import assert from "node:assert/strict";
import { fioArguments, sqliteScript } from "./actor_command.ts";
import type { Actor } from "./actors.ts";

Deno.test("fioArguments() keeps fio from giving advice and from dropping caches by itself", () => {
  const actor: Actor = { role: "reader", place: "target", program: "fio", file: "hot", perSecond: 0.4 };
  const args = fioArguments(actor, { folder: "/disk", log: "/run/log" });
  for (const wanted of ["--invalidate=0", "--fadvise_hint=0", "--filename=/disk/hot", "--rate_iops=1"]) {
    assert.ok(args.includes(wanted), wanted);
  }
});

Deno.test("sqliteScript() looks up keys that exist, each once before any comes again", () => {
  const actor: Actor = {
    role: "sql",
    place: "target",
    program: "sqlite",
    file: "database",
    keys: 200,
    perSecond: 50,
  };
  const script = sqliteScript(actor);
  const keys = [...script.matchAll(/id = (\d+);/g)].map(([, key]) => Number(key));
  assert.equal(new Set(keys.slice(0, 200)).size, 200);
  assert.ok(keys.every((key) => key >= 1 && key <= 200));
  assert.match(script, /^\.shell sleep 0\.100$/m);
});
