import assert from "node:assert/strict";
import { BtfKind, parseBtf } from "./btf.ts";
import { decoderFor } from "./decoder.ts";
import { BtfBuilder } from "./testing_btf.ts";

function sampleBtf() {
  const builder = new BtfBuilder();
  const int = builder.int("u32", 4);
  // Of the same name, but without values.
  builder.add("event", BtfKind.FWD << 24, 0);
  builder.struct("event", 8, [["a", int, 0], ["b", int, 32]]);
  builder.typedef("count", int);
  return parseBtf(builder.build());
}

Deno.test("decoderFor() reads a structure and a typedef by their names", () => {
  assert.deepEqual(decoderFor(sampleBtf(), "event")(Uint8Array.of(1, 0, 0, 0, 0, 1, 0, 0)), { a: 1, b: 256 });
  assert.equal(decoderFor(sampleBtf(), "count")(Uint8Array.of(7, 0, 0, 0)), 7);
});

Deno.test("decoderFor() names a type that there is not", () => {
  assert.throws(() => decoderFor(sampleBtf(), "evnt"), {
    name: "RangeError",
    message: "Cannot find type evnt: the object has none of that name with values",
  });
});
