import assert from "node:assert/strict";
import type { MetricFamily } from "../metrics/mod.ts";
import type { Module } from "./module.ts";
import { createModules, type ModuleDefinition, type ModuleSettings } from "./registry.ts";

const SETTINGS: ModuleSettings = {
  commPrefix: "db",
  commFallback: "never",
  log: { debug() {}, info() {}, warn() {}, error() {} },
  lives: { begins() {}, ends() {}, restarts() {} },
};

function idle(name: string): Module {
  return {
    name,
    start() {},
    collect: () => [],
    stop() {},
    health: () => ({ state: "full", reason: "" }),
    check: () => [],
  };
}

function defined(name: string, ...families: string[]): ModuleDefinition {
  const family = (name: string): MetricFamily => ({ name, type: "counter", help: "", unit: "1" });
  return {
    name,
    summary: "",
    families: families.map(family),
    create: ({ commPrefix }) => idle(`${name} of ${commPrefix}`),
  };
}

const REGISTRY = [defined("iomonitor", "ktm_a_total"), defined("network", "ktm_b_total")];

Deno.test("createModules() makes the target watch, then modules in the order of their names", () => {
  const { target, modules } = createModules(REGISTRY, ["network", "iomonitor"], SETTINGS);
  assert.equal(modules[0], target);
  assert.deepEqual(modules.map(({ name }) => name), ["target", "network of db", "iomonitor of db"]);
});

Deno.test("createModules() lists the known modules when a name is unknown", () => {
  for (const name of ["iomonitr", "toString", "target"]) {
    assert.throws(() => createModules(REGISTRY, [name], SETTINGS), {
      name: "RangeError",
      message: `Unknown module "${name}": the known modules are iomonitor, network`,
    });
  }
});

Deno.test("createModules() rejects a repeated name before it makes anything", () => {
  let made = 0;
  const registry = [{ ...defined("a"), create: () => (made++, idle("a")) }];
  assert.throws(() => createModules(registry, ["a", "a"], SETTINGS), {
    message: 'Module "a" is named twice',
  });
  assert.equal(made, 0);
});

Deno.test("createModules() refuses two modules that export the same metric, and takes either alone", () => {
  const registry = [...REGISTRY, defined("other", "ktm_c_total", "ktm_a_total")];
  assert.throws(() => createModules(registry, ["other", "network", "iomonitor"], SETTINGS), {
    name: "RangeError",
    message: "Cannot run modules other and iomonitor together: both export ktm_a_total",
  });
  assert.equal(createModules(registry, ["other"], SETTINGS).modules.length, 2);
});
