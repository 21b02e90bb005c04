import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../elf/mod.ts";
import { TARGET_OBJECT } from "./object.ts";
import { encodeFilter, encodeScope, type Scope } from "./scope.ts";

const { btf } = parseObject(TARGET_OBJECT);
const LAYOUT = flatLayout(btf, "ktm_scope");
const FILTER_LAYOUT = flatLayout(btf, "ktm_filter");
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
    agentTgid: 2 ** 22,
  });
  assert.equal(field(view, "cgroup_id"), 2n ** 64n - 2n);
  assert.equal(field(view, "cgroup_level"), 3n);
  assert.equal(field(view, "pidns_dev"), 2n ** 40n + 4n);
  assert.equal(field(view, "pidns_ino"), 4026531999n);
  assert.equal(field(view, "agent_tgid"), 2n ** 22n);
});

Deno.test("encodeScope() leaves zero what is not given", () => {
  const view = encoded({});
  for (const name of ["cgroup_id", "cgroup_level", "pidns_dev", "pidns_ino", "agent_tgid"]) {
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

/** The scope that programs use, as `scope_match()` of bpf/scope.h finds it. */
function inForce(filter: Uint8Array<ArrayBuffer>): Uint8Array {
  const generation = new DataView(filter.buffer).getBigUint64(FILTER_LAYOUT.get("generation")![0], true);
  const [start] = FILTER_LAYOUT.get(`scopes[${generation & 1n}].cgroup_id`)!;
  return filter.subarray(start, start + SIZE);
}

Deno.test("encodeFilter() changes the scope in force only by the generation, which goes up", () => {
  const size = Math.max(...[...FILTER_LAYOUT.values()].map(([offset, size]) => offset + size));
  const [generationAt] = FILTER_LAYOUT.get("generation")!;
  let current: Uint8Array<ArrayBuffer> | undefined;
  let before = new Uint8Array(SIZE);
  for (const byte of [1, 2, 3, 4]) {
    const scope = new Uint8Array(SIZE).fill(byte);
    const { prepared, final } = encodeFilter(scope, FILTER_LAYOUT, current, size);
    assert.equal(prepared === undefined, current === undefined);
    if (prepared !== undefined && current !== undefined) {
      assert.deepEqual([...inForce(prepared)], [...before]);
      const changed = final.keys().filter((at) => final[at] !== prepared[at]).toArray();
      assert.ok(changed.every((at) => at >= generationAt && at < generationAt + 8), String(changed));
      const generationOf = (filter: Uint8Array<ArrayBuffer>) =>
        new DataView(filter.buffer).getBigUint64(generationAt, true);
      assert.equal(generationOf(final), generationOf(current) + 1n);
    }
    assert.deepEqual([...inForce(final)], [...scope]);
    current = final;
    before = scope;
  }
});

Deno.test("encodeFilter() refuses an object whose filter has no generation", () => {
  const layout = new Map([...FILTER_LAYOUT].filter(([name]) => name !== "generation"));
  assert.throws(
    () => encodeFilter(new Uint8Array(SIZE), layout, undefined, 136),
    /^RangeError: Cannot program the filter: the object has no field generation$/,
  );
});
