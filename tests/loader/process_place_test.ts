/** An iterator over the threads of one process, with the agent's own iterator over processes. */
import assert from "node:assert/strict";
import object from "../../bpf/processes.bpf.o" with { type: "bytes" };
import { BpfObject, toProcess } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { Child } from "../support/child.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { hasRelease } from "../support/kernel/kernel_release.ts";
import { needs, unless } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = ["root", "btf"] as const;

/** Where the number is in `struct found_process`, and the size of that. */
const [PID_AT, SIZE] = [32, 48];

/** The numbers of the processes that the iterator found; without a prefix it finds all. */
function pidsOf(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(
    { length: bytes.length / SIZE },
    (_, index) => view.getUint32(index * SIZE + PID_AT, true),
  );
}

const isOld = hasRelease("6.1") ? undefined : "this kernel has no iterators over one process";
const isNew = hasRelease("6.1") ? "this kernel has iterators over one process" : undefined;

Deno.test(unless(
  isOld,
  needs(NEEDED, "toProcess() has an iterator go over one process, and detach() ends that", async () => {
    await using child = new Child("sleep", { args: ["60"] });
    const before = openDescriptors().size;
    {
      using opened = new BpfObject(object, { modules: false });
      assert.ok(pidsOf(opened.read("find_processes")).includes(Deno.pid));
      opened.detach("find_processes");
      opened.attach("find_processes", toProcess(child.pid));
      assert.deepEqual(pidsOf(opened.read("find_processes")), [child.pid]);
      opened.detach("find_processes");
      assert.ok(pidsOf(opened.read("find_processes")).length > 1);
    }
    assert.equal(openDescriptors().size, before);
  }),
));

Deno.test(
  unless(
    isNew,
    needs(NEEDED, "toProcess() says so where the kernel has no such iterators", async () => {
      await using child = new Child("sleep", { args: ["60"] });
      using opened = new BpfObject(object, { modules: false });
      assert.throws(
        () => opened.attach("find_processes", toProcess(child.pid)),
        /: iterators over the threads of one process came with Linux 6\.1$|; iterators over the threads of one process/,
      );
    }),
  ),
);
