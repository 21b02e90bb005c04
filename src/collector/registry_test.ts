import assert from "node:assert/strict";
import type { Module } from "./module.ts";
import { createModules, type ModuleRegistry } from "./registry.ts";

function idle(name: string): Module {
  return {
    name,
    start() {},
    collect: () => [],
    stop() {},
    health: () => ({ state: "full", reason: "" }),
  };
}

const iomonitor = { iomonitor: (context: { host: string }) => idle(`iomonitor on ${context.host}`) };

Deno.test("createModules() makes modules in the order of their names and hands them the context", () => {
  const registry: ModuleRegistry<{ host: string }> = { ...iomonitor, network: () => idle("network") };
  const modules = createModules(registry, ["network", "iomonitor"], { host: "db" });
  assert.deepEqual(modules.map((module) => module.name), ["network", "iomonitor on db"]);
});

Deno.test("createModules() lists the known modules when a name is unknown", () => {
  const registry = { network: () => idle("network"), ...iomonitor };
  assert.throws(() => createModules(registry, ["iomonitr"], { host: "db" }), {
    name: "RangeError",
    message: 'Cannot create module "iomonitr": the known modules are iomonitor, network',
  });
});

Deno.test("createModules() takes no name from the object prototype", () => {
  assert.throws(() => createModules(iomonitor, ["toString"], { host: "db" }), RangeError);
});

Deno.test("createModules() rejects a repeated name before it makes anything", () => {
  let made = 0;
  const registry = { a: () => (made++, idle("a")) };
  assert.throws(() => createModules(registry, ["a", "a"], undefined), {
    message: 'Cannot create module "a" twice',
  });
  assert.equal(made, 0);
});
