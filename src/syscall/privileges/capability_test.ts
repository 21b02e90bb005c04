import assert from "node:assert/strict";
import { processId } from "../processes/process.ts";
import {
  Capability,
  capabilityCount,
  capabilitySetOf,
  effectiveCapabilities,
  hasCapability,
} from "./capability.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test("effectiveCapabilities() is what /proc shows", () => {
  const [, mask] = /^CapEff:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/thread-self/status"))!;
  assert.equal(effectiveCapabilities(), BigInt(`0x${mask}`));
});

Deno.test("hasCapability() looks at the capability's own bit, also past the 32nd", () => {
  for (const [name, number] of Object.entries(Capability)) {
    const key = name as keyof typeof Capability;
    assert.equal(hasCapability(1n << BigInt(number), key), true);
    assert.equal(hasCapability(~(1n << BigInt(number)) & (1n << 64n) - 1n, key), false);
  }
});

Deno.test("capabilityCount() counts on both sides of the 32nd bit", () => {
  assert.equal(capabilityCount(0n), 0);
  assert.equal(capabilityCount(capabilitySetOf(["CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN"])), 3);
});
