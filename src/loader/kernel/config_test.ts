import assert from "node:assert/strict";
import { KernelConfig, kernelVersionCode } from "./config.ts";

Deno.test("KernelConfig has the values of options that are set, and of no other", () => {
  const config = new KernelConfig(
    'CONFIG_FIRST=y\n# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_RCU=m\nCONFIG_NAME="a=b"\nCONFIG_HZ=250',
  );
  const expected = {
    CONFIG_FIRST: "y",
    CONFIG_PREEMPT: undefined,
    CONFIG_PREEMPT_RCU: "m",
    PREEMPT_RCU: undefined,
    CONFIG_NAME: '"a=b"',
    CONFIG_HZ: "250",
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(config.get(name), value, name);
});

Deno.test("kernelVersionCode() reads releases, and Debian's versions, whose releases lack the last number", () => {
  assert.equal(kernelVersionCode("6.18.44-x", "#1 SMP"), 6 << 16 | 18 << 8 | 44);
  assert.equal(
    kernelVersionCode("6.1.0-18-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)"),
    0x06014c,
  );
  assert.equal(kernelVersionCode("7.3-rc1", "#1"), 7 << 16 | 3 << 8);
});

Deno.test("kernelVersionCode() keeps the last number in its byte", () => {
  assert.equal(kernelVersionCode("4.14.300", "#1"), 4 << 16 | 14 << 8 | 255);
});
