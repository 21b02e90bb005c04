import assert from "node:assert/strict";
import { BtfBuilder } from "../../elf/btf/testing_btf.ts";
import { type DataSpec, ObjectError, parseBtf } from "../../elf/mod.ts";
import { GlobalVariable } from "./variable.ts";

/** A variable called v of a number of bytes whose type has four, at offset 4 of a section of eight. */
function variableOf(size: number): GlobalVariable {
  const builder = new BtfBuilder();
  const type = builder.int("int", 4, { signed: true });
  const section: DataSpec = {
    name: ".data",
    readOnly: false,
    content: Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0),
    type: 0,
    variables: new Map([["v", { offset: 4, size, type }]]),
  };
  return new GlobalVariable("v", parseBtf(builder.build()), section, () => undefined);
}

Deno.test("GlobalVariable is read and written in the object as long as there is no map", () => {
  const variable = variableOf(4);
  assert.equal(variable.get(), 2);
  variable.set(-3);
  assert.equal(variable.get(), -3);
});

Deno.test("GlobalVariable rejects a variable of which the compiler has left less than its type has", () => {
  assert.throws(() => variableOf(1), (error) => {
    assert.ok(error instanceof ObjectError);
    assert.match(error.message, /variable v has 1 bytes, and its type 4: .*declare it volatile/);
    return true;
  });
});
