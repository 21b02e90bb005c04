import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../../elf/mod.ts";
import { IOMONITOR_OBJECT } from "./object.ts";
import { encodeScope, type Scope } from "./scope.ts";

const LAYOUT = flatLayout(parseObject(IOMONITOR_OBJECT).btf, "ktm_scope");
const SIZE = Math.max(...[...LAYOUT.values()].map(([offset, size]) => offset + size));

function encoded(scope: Partial<Scope>): DataView {
  const bytes = encodeScope({ commPrefix: "banyand", commFallback: "always", ...scope }, LAYOUT, SIZE);
  assert.equal(bytes.length, SIZE);
  return new DataView(bytes.buffer);
}

function field(view: DataView, name: string): bigint {
  const [offset, size] = LAYOUT.get(name)!;
  return size === 8 ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true));
}

/** 16 bytes from an array of two words. */
function bytesOf(view: DataView, name: string): number[] {
  const [offset] = LAYOUT.get(`${name}[0]`)!;
  return [...new Uint8Array(view.buffer, offset, 16)];
}

Deno.test("encodeScope() puts the comm prefix and its mask in the order of the kernel's bytes", () => {
  for (const commPrefix of ["x", "banyand", "8 bytes!", "exactly15bytes!", "b\u00e4ny"]) {
    const prefix = [...new TextEncoder().encode(commPrefix)];
    const rest = new Array(16 - prefix.length).fill(0);
    const view = encoded({ commPrefix });
    assert.deepEqual(bytesOf(view, "comm"), [...prefix, ...rest]);
    assert.deepEqual(bytesOf(view, "comm_mask"), [...prefix.map(() => 0xff), ...rest]);
  }
});

Deno.test("encodeScope() puts the cgroup and the PID namespace, in all their 64 bits", () => {
  const view = encoded({
    cgroup: { id: 2n ** 64n - 2n, level: 3 },
    pidNamespace: { device: 2n ** 40n + 4n, inode: 4026531999n },
  });
  assert.equal(field(view, "cgroup_id"), 2n ** 64n - 2n);
  assert.equal(field(view, "cgroup_level"), 3n);
  assert.equal(field(view, "pidns_dev"), 2n ** 40n + 4n);
  assert.equal(field(view, "pidns_ino"), 4026531999n);
});

Deno.test("encodeScope() leaves zero what is not given", () => {
  const view = encoded({});
  for (const name of ["cgroup_id", "cgroup_level", "pidns_dev", "pidns_ino"]) {
    assert.equal(field(view, name), 0n, name);
  }
});

Deno.test("encodeScope() tells the fallbacks apart by the numbers of enum comm_fallback", () => {
  const modes = { never: 0n, "when-unset": 1n, always: 2n } as const;
  for (const [mode, number] of Object.entries(modes)) {
    const view = encoded({ commFallback: mode as keyof typeof modes });
    assert.equal(field(view, "comm_fallback"), number, mode);
  }
});

Deno.test("encodeScope() refuses an object whose filter lacks a field", () => {
  const layout = new Map([...LAYOUT].filter(([name]) => name !== "cgroup_id"));
  assert.throws(
    () => encodeScope({ commPrefix: "x", commFallback: "never" }, layout, SIZE),
    /^RangeError: Cannot program the filter: the object has no field cgroup_id$/,
  );
});
