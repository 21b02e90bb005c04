import assert from "node:assert/strict";
import { firstIndex } from "./first_index.ts";

Deno.test("firstIndex() finds the boundary wherever it is", () => {
  for (let length = 0; length < 9; length++) {
    for (let boundary = 0; boundary <= length; boundary++) {
      assert.equal(firstIndex(length, (index) => index < boundary), boundary, `${boundary} of ${length}`);
    }
  }
});
