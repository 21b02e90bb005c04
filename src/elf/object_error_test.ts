import assert from "node:assert/strict";
import { ObjectError } from "./object_error.ts";

Deno.test("ObjectError has a message of one line, whatever names the object has", () => {
  const { message, section } = new ObjectError("a\nb", 1, "no map \x1b[31m");
  assert.equal(message, "Cannot use the object: a?b at offset 1: no map ?[31m");
  assert.equal(section, "a\nb");
});
