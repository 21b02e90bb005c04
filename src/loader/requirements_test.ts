import assert from "node:assert/strict";
import { type CapabilityName, capabilitySetOf } from "../syscall/mod.ts";
import { describeShortcoming, missingCapabilities, REQUIREMENTS } from "./requirements.ts";

const HELD: readonly (readonly [held: readonly CapabilityName[], missing: readonly CapabilityName[]])[] = [
  [[], ["CAP_BPF", "CAP_PERFMON"]],
  [["CAP_BPF"], ["CAP_PERFMON"]],
  [["CAP_PERFMON", "CAP_SYS_RESOURCE"], ["CAP_BPF"]],
  [["CAP_BPF", "CAP_PERFMON"], []],
  [["CAP_SYS_ADMIN"], []],
];

for (const [held, missing] of HELD) {
  Deno.test(`missingCapabilities() with ${held.join(" and ") || "nothing"}: ${missing.join(" and ") || "none"}`, () => {
    assert.deepEqual(missingCapabilities(capabilitySetOf(held)), missing);
  });
}

Deno.test("describeShortcoming() adds the remedy where one is known", () => {
  assert.equal(describeShortcoming({ detail: "no BTF", remedy: "mount /sys" }), "no BTF: mount /sys");
  assert.equal(describeShortcoming({ detail: "Cannot open /sys" }), "Cannot open /sys");
});

Deno.test("REQUIREMENTS look for capabilities first, without which bpf(2) says nothing of the rest", () => {
  assert.deepEqual(Object.keys(REQUIREMENTS), ["capabilities", "system calls", "btf", "bpf"]);
});
