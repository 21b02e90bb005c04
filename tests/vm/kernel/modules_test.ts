import assert from "node:assert/strict";
import { moduleDependencies } from "./modules.ts";

function modinfo(...fields: string[]): Uint8Array {
  return new TextEncoder().encode(`\x7fELF\0${fields.join("\0")}\0`);
}

Deno.test("moduleDependencies() reads the names, with - as _", () => {
  const names = moduleDependencies(modinfo("license=GPL", "depends=virtio,virtio-ring", "intree=Y"));
  assert.deepEqual(names, ["virtio", "virtio_ring"]);
});

Deno.test("moduleDependencies() finds none in a module that needs none", () => {
  assert.deepEqual(moduleDependencies(modinfo("license=GPL", "depends=", "intree=Y")), []);
});
