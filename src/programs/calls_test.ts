import assert from "node:assert/strict";
import { callNumbers, callPrograms, callsOf, callTargets, followedCalls } from "./calls.ts";
import { probe } from "./probe.ts";

const READ = probe("sys_read", callPrograms("read"));
const FADVISE = probe("fadvise", { ...callPrograms("fadvise64"), fentry: ["fexit_fadvise64"] });

Deno.test("callPrograms() has every way in the order of cost, and exits before entries", () => {
  assert.deepEqual(Object.entries(callPrograms("read")), [
    ["fentry", ["fexit_read", "fentry_read"]],
    ["tp_btf", ["btf_sys_exit", "btf_sys_enter"]],
    ["tracepoint", ["tp_exit_read", "tp_enter_read"]],
    ["kprobe", ["kretprobe_read", "kprobe_read"]],
  ]);
});

Deno.test("callPrograms() of several calls has all exits before the first entry", () => {
  const { fentry, tp_btf } = callPrograms("read", "pread64");
  assert.deepEqual(fentry, ["fexit_read", "fexit_pread64", "fentry_read", "fentry_pread64"]);
  assert.deepEqual(tp_btf, ["btf_sys_exit", "btf_sys_enter"]);
});

Deno.test("callsOf() has each call once, by its name and its number", () => {
  assert.deepEqual(callsOf([READ, FADVISE, READ], "aarch64"), [
    { call: "read", number: 63 },
    { call: "fadvise64", number: 223 },
  ]);
});

Deno.test("followedCalls() has the calls whose entry is seen, by whichever program serves", () => {
  const names = (...serving: (string | undefined)[]) => {
    const statuses = [READ, FADVISE].map(({ probe, strategies }, index) => ({
      probe,
      serving: strategies.find(({ strategy }) => strategy === serving[index]),
      failures: [],
    }));
    return followedCalls([READ, FADVISE], statuses).map(({ call }) => call);
  };
  // Nothing is there at the entry of this one.
  assert.deepEqual(names("fentry", "fentry"), ["read"]);
  for (const way of ["tp_btf", "tracepoint", "kprobe"]) {
    assert.deepEqual(names(way, way), ["read", "fadvise64"]);
  }
  assert.deepEqual(names("fentry", "tp_btf"), ["read", "fadvise64"]);
  assert.deepEqual(names(undefined, "tracepoint"), ["fadvise64"]);
  assert.deepEqual(names(undefined, undefined), []);
});

Deno.test("callNumbers() has the number of each call that is followed, and no other", () => {
  assert.deepEqual(callNumbers([READ, FADVISE], "x86_64"), { nr_read: 0, nr_fadvise64: 221 });
  assert.deepEqual(callNumbers([READ, FADVISE], "aarch64"), { nr_read: 63, nr_fadvise64: 223 });
  assert.deepEqual(callNumbers([probe("cache_add", { tp_btf: ["btf_cache_add"] })]), {});
});

Deno.test("callTargets() has nothing on x86-64, where the section names are right", () => {
  assert.deepEqual(callTargets([READ, FADVISE], "x86_64"), {});
});

Deno.test("callTargets() has the functions of arm64, and the other name of a call in every program", () => {
  assert.deepEqual(callTargets([READ], "aarch64"), {
    fexit_read: "__arm64_sys_read",
    fentry_read: "__arm64_sys_read",
  });
  assert.deepEqual(callTargets([FADVISE], "aarch64"), {
    fexit_fadvise64: "__arm64_sys_fadvise64_64",
    tp_exit_fadvise64: "syscalls/sys_exit_fadvise64_64",
    tp_enter_fadvise64: "syscalls/sys_enter_fadvise64_64",
    kretprobe_fadvise64: "fadvise64_64",
    kprobe_fadvise64: "fadvise64_64",
  });
});
