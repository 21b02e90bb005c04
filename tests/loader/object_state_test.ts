/** What is left of an object after something in it has failed, or after its end. */
import assert from "node:assert/strict";
import { BpfObject, type OpenOptions, VerifierError } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { attachedBy, heldBy } from "../support/kernel/bpf_objects.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf", "clang"] as const;

async function open(options: OpenOptions = {}): Promise<BpfObject> {
  return new BpfObject(await compileObject("halves"), options);
}

Deno.test(needs(NEEDED, "a program is not there while a slot it jumps to has no program", async () => {
  using object = await open();
  for (const _ of ["first", "second"]) {
    assert.throws(() => object.program("jumping"), (error) => {
      assert.ok(error instanceof VerifierError);
      assert.equal(error.program, "refused");
      return true;
    });
    assert.equal(heldBy(Deno.pid).prog.size, 0);
  }
}));

Deno.test(needs(NEEDED, "a map is not there while one of the maps in it cannot be", async () => {
  using object = await open();
  const before = heldBy(Deno.pid).map;
  for (const _ of ["first", "second"]) {
    assert.throws(() => object.map("outer"), { name: "SyscallError", code: "EINVAL" });
    assert.throws(() => object.program("looking"), { name: "SyscallError", code: "EINVAL" });
  }
  // The two that it would hold are maps of their own.
  assert.equal(heldBy(Deno.pid).map.difference(before).size, 2);
  assert.equal(object.map("inner").get(0), 0n);
}));

Deno.test(needs(NEEDED, "attachAll() leaves out what attaches to nothing by itself", async () => {
  using object = await open();
  object.attachAll();
  assert.equal(attachedBy(Deno.pid), 1);
  object.detach("attaching");
  assert.equal(attachedBy(Deno.pid), 0);
  assert.equal(heldBy(Deno.pid).prog.size, 1);
  object.attachAll();
  assert.equal(attachedBy(Deno.pid), 1);
}));

Deno.test(needs(NEEDED, "attachAll() attaches all or none", async () => {
  using object = await open({ targets: { unnamed: "ktm_no_such_tracepoint" } });
  assert.throws(() => object.attachAll(), /ktm_no_such_tracepoint/);
  assert.equal(attachedBy(Deno.pid), 0);
}));

Deno.test(needs(NEEDED, "an object that is closed says so, and opens nothing", async () => {
  const before = openDescriptors();
  const object = await open();
  object.close();
  const uses = [
    () => object.map("inner"),
    () => object.program("attaching"),
    () => object.attach("attaching"),
    () => object.attachAll(),
    () => object.load(),
  ];
  for (const use of uses) assert.throws(use, { message: "Cannot use the object: it is closed" });
  object.close();
  assert.deepEqual(openDescriptors(), before);
}));

Deno.test("options that name what the object does not have are refused", async () => {
  const bytes = await Deno.readFile(new URL("../../bpf/processes.bpf.o", import.meta.url));
  assert.throws(() => new BpfObject(bytes, { targets: { find_proceses: "task" } }), {
    name: "RangeError",
    message: "Cannot find program find_proceses: none has that name",
  });
  assert.throws(() => new BpfObject(bytes, { absentMaps: ["nowhere"] }), {
    name: "RangeError",
    message: "Cannot find map nowhere: none has that name",
  });
});
