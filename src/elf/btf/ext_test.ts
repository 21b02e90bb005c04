import assert from "node:assert/strict";
import { ByteReader } from "../byte_reader.ts";
import { buildBtfExt } from "../object/testing_object.ts";
import { objectError } from "../testing_error.ts";
import { parseBtfExt } from "./ext.ts";

const STRINGS = new ByteReader(new TextEncoder().encode("\0tp/a\0"), ".BTF strings");

function sample(): Uint8Array {
  return buildBtfExt(
    { section: 1, records: [[0, 5], [64, 6]] },
    { section: 1, records: [[8, 2, 3, 12 << 10 | 4]] },
    { section: 1, records: [[16, 7, 1, 2]] },
  );
}

Deno.test("parseBtfExt() reads functions, lines and relocations by section", () => {
  assert.deepEqual(parseBtfExt(sample(), STRINGS).get("tp/a"), {
    functions: [{ offset: 0, type: 5 }, { offset: 64, type: 6 }],
    lines: Uint32Array.of(8, 2, 3, 12 << 10 | 4),
    relocations: [{ offset: 16, type: 7, access: 1, kind: 2 }],
  });
});

Deno.test("parseBtfExt() steps over what newer compilers add to a record", () => {
  const words = new Uint32Array([0xeb9f, 32, 0, 0, 0, 0, 0, 36, 24, 1, 1, 16, 7, 1, 2, 99, 98]);
  // Only the third part is there: one record of 24 bytes, of which 16 are known.
  const parsed = parseBtfExt(new Uint8Array(words.buffer), STRINGS);
  assert.deepEqual(parsed.get("tp/a")!.relocations, [{ offset: 16, type: 7, access: 1, kind: 2 }]);
});

Deno.test("parseBtfExt() rejects every prefix with an ObjectError", () => {
  const bytes = sample();
  for (let length = 0; length < bytes.length; length++) {
    objectError(() => parseBtfExt(bytes.subarray(0, length), STRINGS));
  }
});

Deno.test("parseBtfExt() rejects counts, sizes and names that lead outside, and says where", () => {
  const changed = (offset: number, value: number) => {
    const bytes = sample();
    new DataView(bytes.buffer).setUint32(offset, value, true);
    return objectError(() => parseBtfExt(bytes, STRINGS));
  };
  assert.match(changed(0, 0x9feb).message, /no BTF magic/);
  assert.match(changed(4, 8).message, /a header of 8 bytes/);
  assert.deepEqual(changed(12, 0x7fffffff).offset, 8);
  // The first part begins after the header: record size, section name, count.
  assert.match(changed(32, 4).message, /records of 4 bytes/);
  assert.match(changed(40, 0xffffffff).message, /4294967295 records of 8 bytes do not fit/);
  assert.deepEqual(changed(36, 500).section, ".BTF strings");
});

Deno.test("parseBtfExt() steps over what newer compilers add to a line", () => {
  const words = new Uint32Array([0xeb9f, 24, 0, 0, 0, 52, 20, 1, 2, 0, 2, 3, 4, 99, 8, 5, 6, 7, 98]);
  // Only the second part is there: two records of 20 bytes, of which 16 are known.
  assert.deepEqual([...parseBtfExt(new Uint8Array(words.buffer), STRINGS).get("tp/a")!.lines], [
    ...[0, 2, 3, 4],
    ...[8, 5, 6, 7],
  ]);
});
