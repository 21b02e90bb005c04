import assert from "node:assert/strict";
import { encodeCommPrefix } from "./comm_prefix.ts";

Deno.test("encodeCommPrefix() takes 1 to 15 bytes of UTF-8", () => {
  assert.deepEqual([...encodeCommPrefix("b")], [0x62]);
  assert.equal(encodeCommPrefix("banyand-server1").length, 15);
  assert.equal(encodeCommPrefix("\u00e9".repeat(7) + "x").length, 15);
});

Deno.test("encodeCommPrefix() rejects the empty prefix, which would match everything", () => {
  assert.throws(() => encodeCommPrefix(""), {
    name: "RangeError",
    message: 'Cannot match comm prefix "": it has 0 bytes, use 1 to 15',
  });
});

Deno.test("encodeCommPrefix() counts bytes and not characters", () => {
  assert.throws(() => encodeCommPrefix("banyand-server-1"), /it has 16 bytes, use 1 to 15$/);
  assert.throws(() => encodeCommPrefix("\u00e9".repeat(8)), {
    name: "RangeError",
    message: /it has 16 bytes/,
  });
});

Deno.test("encodeCommPrefix() rejects NUL", () => {
  assert.throws(() => encodeCommPrefix("a\0b"), { name: "RangeError", message: /it holds NUL/ });
});
