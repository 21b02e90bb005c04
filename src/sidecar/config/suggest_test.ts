import assert from "node:assert/strict";
import { didYouMean } from "./suggest.ts";

Deno.test("didYouMean() names the nearest candidate", () => {
  assert.equal(didYouMean("intervall", ["internal", "interval"]), " (did you mean interval?)");
  assert.equal(didYouMean("chekc", ["check", "demo"]), " (did you mean check?)");
});

Deno.test("didYouMean() says nothing if no candidate is near", () => {
  assert.equal(didYouMean("banana", ["run", "check"]), "");
  assert.equal(didYouMean("run", []), "");
});
