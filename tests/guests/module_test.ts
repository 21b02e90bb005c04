/**
 * Types of kernel modules. Needs a module with BTF: the guests' disk has one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BpfObject } from "../../src/loader/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { compileObject } from "../support/compile.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { needs } from "../support/needs.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

Deno.test(
  needs(
    ["root", "btf", "clang", "virtioBlkModule"],
    "a module's function and its structures are found in its BTF",
    async () => {
      const bytes = await compileObject("module");
      const before = openDescriptors().size;
      {
        using object = new BpfObject(bytes);
        object.attach("queue_request");
        const path = `${Deno.env.get("KTM_SCRATCH")}/${crypto.randomUUID()}`;
        {
          using file = await Deno.open(path, { write: true, createNew: true });
          await file.write(new Uint8Array(1 << 16));
          await file.sync();
        }
        await Deno.remove(path);
        assert.ok(Number(object.variable("calls").get()) > 0);
        assert.equal(object.variable("has_field").get(), 1);
      }
      assert.equal(openDescriptors().size, before);
      assert.throws(() => {
        using object = new BpfObject(bytes, { modules: false });
        object.attach("queue_request");
      }, /this kernel has no function virtio_queue_rq/);
    },
  ),
);
