import assert from "node:assert/strict";
import { BpfAttachType, BpfProgramFlag, BpfProgramType } from "../bpf_enums.ts";
import { parseSectionName } from "./program_kinds.ts";

/** Prefix and target of a section name. */
function read(name: string): [prefix: string, target: string] | undefined {
  const found = parseSectionName(name);
  return found === undefined ? undefined : [found.kind.prefix, found.target];
}

Deno.test("parseSectionName() splits at the first slash where something may follow", () => {
  assert.deepEqual(read("tp/syscalls/sys_enter_read"), ["tp", "syscalls/sys_enter_read"]);
  assert.deepEqual(read("fentry.s/vfs_read"), ["fentry.s", "vfs_read"]);
  assert.deepEqual(read("kprobe"), ["kprobe", ""]);
});

Deno.test("parseSectionName() takes the longer name where two fit, and no name that nobody gave", () => {
  assert.deepEqual(read("xdp.frags/devmap"), ["xdp.frags/devmap", ""]);
  assert.deepEqual(read("cgroup/sock"), ["cgroup/sock", ""]);
  for (const name of ["xdp/x", "cgroup/x", "cgroup", "tpx/y", "", "/", "toString/x"]) {
    assert.equal(read(name), undefined, name);
  }
});

Deno.test("parseSectionName() knows types and flags", () => {
  const { kind } = parseSectionName("fexit.s/f")!;
  assert.deepEqual(
    [kind.type, kind.attachType, kind.flags],
    [BpfProgramType.TRACING, BpfAttachType.TRACE_FEXIT, BpfProgramFlag.SLEEPABLE],
  );
  assert.equal(parseSectionName("xdp.frags")!.kind.flags, BpfProgramFlag.XDP_HAS_FRAGS);
});

Deno.test("parseSectionName() leaves programs alone whose name begins with a question mark", () => {
  const { kind, autoload } = parseSectionName("?raw_tp/sys_enter")!;
  assert.deepEqual([kind.prefix, autoload], ["raw_tp", false]);
  assert.equal(parseSectionName("raw_tp/sys_enter")!.autoload, true);
});
