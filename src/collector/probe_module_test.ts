import assert from "node:assert/strict";
import { processId } from "../syscall/mod.ts";
import { IOMONITOR } from "./iomonitor/mod.ts";
import { probeModule } from "./probe_module.ts";
import { createModules } from "./registry.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("a module whose object cannot be opened is disabled, says why, and does not end what it shares", () => {
  const { modules: [target, module] } = createModules([probeModule("", IOMONITOR)], ["iomonitor"], {
    commPrefix: "db",
    commFallback: "never",
    objects: { iomonitor: Uint8Array.of(1, 2, 3) },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    lives: { begins() {}, ends() {}, restarts() {} },
  });
  assert.equal(module!.health().state, "waiting");
  const follower = module as unknown as { attach(maps: object): void };
  assert.throws(() => follower.attach({}), { name: "ObjectError" });
  const { state, reason } = module!.health();
  assert.equal(state, "disabled");
  assert.deepEqual(module!.check(), [{ name: "module iomonitor", level: "failed", detail: reason }]);
  assert.deepEqual(module!.collect(), []);
  assert.equal(target!.health().state, "waiting");
});
