/**
 * Programs that go into other programs, and those of cgroups' LSM hooks. Needs a kernel that lets functions be traced,
 * as those of the guests do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject, toCgroup, toProgram } from "../../src/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { makeCgroup, sendFrom } from "../loader/places.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

const PACKET = { data: new Uint8Array(new ArrayBuffer(64)) };

Deno.test(needs(NEEDED, "a function of a program is replaced, and is itself again afterwards", async () => {
  const bytes = await compileObject("replace");
  using object = new BpfObject(await compileObject("answer"));
  const ask = object.program("ask");
  assert.equal(ask.run(PACKET), 42);
  const before = openDescriptors().size;
  {
    using other = new BpfObject(bytes);
    other.attach("other_answer", toProgram(ask));
    assert.equal(ask.run(PACKET), 82);
    other.unload("other_answer");
    assert.equal(ask.run(PACKET), 42);
    assert.throws(() => other.attach("no_answer", toProgram(ask)), {
      message: "Cannot load program no_answer for program ask: that has no function riddle",
    });
  }
  assert.equal(openDescriptors().size, before);
}));

Deno.test(
  needs(NEEDED, "a program runs after a function of another one, with its argument and result", async () => {
    using object = new BpfObject(await compileObject("answer"));
    using other = new BpfObject(await compileObject("replace"));
    const ask = object.program("ask");
    other.attach("after_answer", toProgram(ask));
    assert.equal(ask.run(PACKET), 42);
    assert.equal(other.variable("called").get(), 41_042n);
    assert.throws(() => other.attach("after_answer", toProgram(ask)), {
      name: "TypeError",
      message: "Cannot load program after_answer for program ask: it is loaded for something else; unload it",
    });
  }),
);

const lsm = hasRelease("6.0")
  ? "is forbidden to bind by one of its programs"
  : "needs a newer kernel for that";

Deno.test(needs([...NEEDED, "cgroup2"], `lsm_cgroup: a cgroup ${lsm}`, async () => {
  await using cgroup = makeCgroup();
  using object = new BpfObject(await compileObject("places"));
  const attach = () => object.attach("refuse_bind", toCgroup(cgroup.path));
  if (!hasRelease("6.0")) {
    assert.throws(attach, /lsm_cgroup came with Linux 6\.0 \(bpf\(BPF_PROG_LOAD\): EINVAL\)$/);
    return;
  }
  attach();
  assert.equal((await sendFrom(cgroup.path, 1)).bind, "EPERM");
}));
