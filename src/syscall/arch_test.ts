import assert from "node:assert/strict";
import { syscallNumbers } from "./arch.ts";

Deno.test("syscallNumbers() differ between the architectures, and are unknown for any other", () => {
  assert.equal(syscallNumbers("x86_64").bpf, 321);
  assert.equal(syscallNumbers("aarch64").bpf, 280);
  assert.throws(() => syscallNumbers("riscv64"), {
    message: "Cannot run on riscv64: only x86_64 and aarch64 are supported",
  });
});
