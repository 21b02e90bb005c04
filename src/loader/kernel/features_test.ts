import assert from "node:assert/strict";
import { BtfKind } from "../../elf/mod.ts";
import { knowsBtfKind } from "./features.ts";

Deno.test("knowsBtfKind() knows what every kernel knows, and refuses what is no kind", () => {
  assert.equal(knowsBtfKind(BtfKind.DATASEC), true);
  for (const kind of [0.5, 99]) {
    assert.throws(() => knowsBtfKind(kind), {
      name: "RangeError",
      message: /^Cannot probe kind .*: there is none$/,
    });
  }
});
