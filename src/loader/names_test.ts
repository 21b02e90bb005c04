import assert from "node:assert/strict";
import { kernelName } from "./names.ts";

Deno.test("kernelName() keeps what the kernel accepts and cuts the rest", () => {
  assert.equal(kernelName(".rodata.str1.1"), ".rodata.str1.1");
  assert.equal(kernelName("btf_sys_enter"), "btf_sys_enter");
  assert.equal(kernelName("fifteen_letters_and_more"), "fifteen_letters");
  assert.equal(kernelName("a-b/c d\u00e4"), "a_b_c_d_");
});
